import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SshPublicKey } from '@spoq/kit/ssh-key'
import { sshFolder } from './make-key.ts'
import { keysOfFile } from './read-file.ts'

/** In the order in which ssh tries them. */
const usual = [
  'id_rsa.pub',
  'id_ecdsa.pub',
  'id_ecdsa_sk.pub',
  'id_ed25519.pub',
  'id_ed25519_sk.pub',
  'id_ed25519_spoq.pub',
]
const best = ['id_ed25519.pub', 'id_ed25519_spoq.pub']

/** The keys that ssh offers by itself on this computer, the one to take first before. What cannot be read is none. */
export function ownKeys(folder = sshFolder()): { key: SshPublicKey; file: string }[] {
  const files = usual.filter(name => namesIn(folder).includes(name))
  const sorted = files.toSorted((a, b) => Number(best.includes(b)) - Number(best.includes(a)))
  return sorted.flatMap(name => {
    const file = join(folder, name)
    try {
      return keysOfFile(file).keys.map(({ key }) => ({ key, file }))
    } catch {
      return []
    }
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
