// The gateway's own keys, and all it has: by which people know it, and by which machines know its certificates. Each is made
// once, in a file of this user alone.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { ed25519Blob } from '@spoq/kit/ssh-relay'

export interface SshKeys {
  /** In OpenSSH's form. */
  hostKey: string
  authority: { publicKey: KeyObject; privateKey: KeyObject }
  /** `type base64` of both. */
  lines: { hostKey: string; authority: string }
}

/** @throws what the system said of the files. */
export function openSshKeys(folder: string): SshKeys {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const seed = Buffer.from(
    kept(join(folder, 'ssh-host-key'), () => randomBytes(32).toString('base64')),
    'base64',
  )
  const pem = kept(join(folder, 'ssh-authority'), () =>
    String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  )
  const host = keyPairOf(seed, 'gateway')
  const privateKey = createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  const authority = `ssh-ed25519 ${ed25519Blob(publicKey).toString('base64')}`
  const hostKey = host.public.split(' ').slice(0, 2).join(' ')
  return { hostKey: host.private, authority: { publicKey, privateKey }, lines: { hostKey, authority } }
}

/** Whole or not at all: half a key would lock everybody out. */
function kept(path: string, make: () => string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const text = make()
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return text
}
