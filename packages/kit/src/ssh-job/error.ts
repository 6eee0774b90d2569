/** Why a server could not be worked on over SSH. */
export class SshFailed extends Error {
  override readonly name = 'SshFailed'
  /**
   * `away`: it does not answer, or the connection broke; it may later. `host-key`: another server answers than was pinned.
   * `refused`: it does not let us in. `lost`: the job ended without a status, as after a restart of the server. `command`:
   * it does not do what is asked.
   */
  readonly kind: 'away' | 'host-key' | 'refused' | 'lost' | 'command'

  /** The key that the server proved to have, where it came so far. */
  readonly hostKey: string | undefined

  constructor(kind: SshFailed['kind'], message: string, cause?: unknown, hostKey?: string) {
    super(message, { cause })
    this.kind = kind
    this.hostKey = hostKey || undefined
  }
}
