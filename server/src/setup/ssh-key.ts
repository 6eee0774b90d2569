// The SSH key by which the backend reaches a server that it sets up: one for each machine, made from the backend's secret,
// so that none is stored and all backends of a database have it.

import { createHash } from 'node:crypto'
import { keyPairOf, type SshKey } from '@spoq/kit/ssh-job'
import { derive } from '../identity/secret.ts'

export function sshKeyOf(secret: string, machine: string): SshKey {
  const seed = createHash('sha256')
    .update(derive(secret, `ssh ${machine}`))
    .digest()
  return keyPairOf(seed, 'spoq-set-up')
}
