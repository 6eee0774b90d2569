// An SSH key pair in OpenSSH's own forms. Node makes the key; what ssh2 writes of one that it made itself is malformed once
// in several hundred times.

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'

export interface SshKey {
  /** A line for authorized_keys. */
  public: string
  /** In OpenSSH's own form, without a passphrase. */
  private: string
}

/** What an ed25519 private key has before its 32 bytes in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const kind = 'ssh-ed25519'

/** The ed25519 key of 32 secret bytes: the same each time. The line ends with the comment. */
export function keyPairOf(seed: Buffer, comment: string): SshKey {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const point = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const blob = Buffer.concat([text(kind), text(point)])
  return { public: `${kind} ${blob.toString('base64')} ${comment}`, private: armoured(seed, point, blob, comment) }
}

/** See PROTOCOL.key of OpenSSH. */
function armoured(seed: Buffer, point: Buffer, blob: Buffer, comment: string): string {
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
