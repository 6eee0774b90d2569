import { randomBytes } from 'node:crypto'
import { keyPairOf, type SshKey } from '@spoq/kit/ssh-job'

/** A new pair for one connection, whose name the line ends with: by it commands are run, and nothing else is done. */
export function newKeyPair(connection: string): SshKey {
  const made = keyPairOf(randomBytes(32), `spoq-${connection}`)
  return { ...made, public: `restrict ${made.public}` }
}
