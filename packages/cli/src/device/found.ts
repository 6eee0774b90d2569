import type { RefusedLine, SshPublicKey } from '@spoq/kit/ssh-key'

/** Keys that can be added, and where they were found. */
export interface Found {
  keys: { key: SshPublicKey; name: string }[]
  /** In words: `github:alice`, `~/.ssh/id_ed25519.pub`. */
  where: string
  /** The handle, where it was one. */
  source?: string
  refused: RefusedLine[]
  /** The keys are on this very computer. */
  isHere: boolean
  /** Somebody named this very key: there is nothing to choose. */
  isExact: boolean
}
