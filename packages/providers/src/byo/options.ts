import type { SshTarget } from '@spoq/kit/ssh-job'
import type { Resource } from '../provider.ts'

/** A server that its owner brought, and that is to be, or is, a machine. */
export interface Connection {
  ref: string
  machine: string
  /** The login name that we come in as, and our line in its authorized_keys. */
  user: string
  publicKey: string
  /** Its machine is to end. */
  isEnding: boolean
  /** Nothing of the machine is left on it but our key. */
  isCleaned: boolean
}

/** What the backend knows of such servers. */
export interface Connections {
  /** The one of a machine; null when there is none. */
  find(machine: string): Promise<Connection | null>
  get(ref: string): Promise<Connection | null>
  /** All that are machines. */
  list(): Promise<Connection[]>
  /** How a server is reached, its host key pinned, as root. @throws ProviderError */
  target(ref: string): Promise<SshTarget>
  noteCleaned(ref: string): Promise<void>
  /** Forgets the server and the key for it. */
  forget(ref: string): Promise<void>
  /** Puts a new key in the place of the one before, on the server too. @throws ProviderError */
  rotate(ref: string): Promise<void>
}

export interface ByoOptions {
  connections: Connections
  /** Which Spoq this is: it stands in the marker on each server. */
  installation: string
  /** The script that takes a machine off its server, run as root. */
  removal: string
  /** Where the marker is kept on a server. Default: /etc/spoq. */
  folder?: string
}

export interface Byo extends Required<ByoOptions> {
  /** What was seen last of each server, for lists: those ask no server. */
  seen: Map<string, Resource>
}

export const open = (options: ByoOptions): Byo => ({ folder: '/etc/spoq', ...options, seen: new Map() })
