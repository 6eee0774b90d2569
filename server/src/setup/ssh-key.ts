// The SSH key by which the backend reaches a server that it sets up: one for each machine, made from the backend's secret,
// so that none is stored and all backends of a database have it.

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { derive } from '../identity/secret.ts'

export interface SshKey {
  /** A line for authorized_keys. */
  public: string
  /** In OpenSSH's own form. */
  private: string
}

/** What an ed25519 private key has before its 32 bytes in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const kind = 'ssh-ed25519'
const comment = 'spoq-set-up'

export function sshKeyOf(secret: string, machine: string): SshKey {
  const seed = createHash('sha256')
    .update(derive(secret, `ssh ${machine}`))
    .digest()
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const point = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const blob = Buffer.concat([text(kind), text(point)])
  return { public: `${kind} ${blob.toString('base64')} ${comment}`, private: armoured(seed, point, blob) }
}

/** See PROTOCOL.key of OpenSSH: without a passphrase. */
function armoured(seed: Buffer, point: Buffer, blob: Buffer): string {
  const check = createHash('sha256').update(point).digest().subarray(0, 4)
  const secrets = [check, check, text(kind), text(point), text(Buffer.concat([seed, point])), text(comment)]
  const open = Buffer.concat(secrets)
  const padding = Buffer.from(Array.from({ length: (8 - (open.length % 8)) % 8 }, (_, at) => at + 1))
  const all = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[text('none'), text('none'), text('')],
    Buffer.from([0, 0, 0, 1]),
    ...[text(blob), text(Buffer.concat([open, padding]))],
  ])
  const lines = all.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
