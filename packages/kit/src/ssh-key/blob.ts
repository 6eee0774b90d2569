// SSH public keys as they go over the wire (RFC 4253, 5656, 8709, and OpenSSH's PROTOCOL.u2f). Weak ones are refused.

import { createHash } from 'node:crypto'
import { curves, isOnCurve } from './curve.ts'
import { Fields } from './fields.ts'
import { KeyRefused } from './refused.ts'

export interface SshPublicKey {
  type: KeyType
  /** `type base64`, and nothing else of what was read. */
  line: string
  /** As `ssh-keygen -l` prints it: `SHA256:…`. */
  fingerprint: string
  bits: number
  /** It is in a security key, which has to be touched. */
  isHardware: boolean
}

export const keyTypes = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-rsa',
] as const
export type KeyType = (typeof keyTypes)[number]

export const rsaBits = { least: 3_072, most: 8_192 } as const

/** The key that a blob is. @throws KeyRefused */
export function keyOfBlob(blob: Uint8Array): SshPublicKey {
  const fields = new Fields(blob)
  const named = fields.text()
  const type = assertKnown(named)
  const bits = readers[type](fields)
  fields.end()
  const isHardware = type.startsWith('sk-')
  const line = `${type} ${Buffer.from(blob).toString('base64')}`
  return { type, line, fingerprint: fingerprintOf(blob), bits, isHardware }
}

/** As `ssh-keygen -l` prints it. */
export const fingerprintOf = (blob: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/** @throws KeyRefused for a type that is not taken, saying why. */
export function assertKnown(type: string): KeyType {
  const known = keyTypes.find(one => one === type)
  if (known) return known
  if (type.endsWith('-cert-v01@openssh.com')) throw new KeyRefused('a certificate: give the key itself')
  if (type === 'ssh-dss') throw new KeyRefused('a DSA key, which is too weak')
  throw new KeyRefused('a key of a type that is not known here')
}

/** Reads what follows the type; the size in bits. */
const readers: Record<KeyType, (fields: Fields) => number> = {
  'ssh-ed25519': ed25519,
  'sk-ssh-ed25519@openssh.com': fields => withApplication(fields, ed25519(fields)),
  'ecdsa-sha2-nistp256': fields => ecdsa(fields, 'nistp256'),
  'ecdsa-sha2-nistp384': fields => ecdsa(fields, 'nistp384'),
  'ecdsa-sha2-nistp521': fields => ecdsa(fields, 'nistp521'),
  'sk-ecdsa-sha2-nistp256@openssh.com': fields => withApplication(fields, ecdsa(fields, 'nistp256')),
  'ssh-rsa': rsa,
}

function ed25519(fields: Fields): number {
  if (fields.bytes().length !== 32) throw new KeyRefused('an Ed25519 key of a wrong length')
  return 256
}

function ecdsa(fields: Fields, curve: keyof typeof curves): number {
  if (fields.text() !== curve) throw new KeyRefused('an ECDSA key of another curve than it says')
  if (!isOnCurve(curve, fields.bytes())) throw new KeyRefused('an ECDSA key that is no point of its curve')
  return curves[curve].bits
}

function withApplication(fields: Fields, bits: number): number {
  const application = fields.bytes()
  if (application.length === 0) throw new KeyRefused('a hardware key that says of no application')
  // OpenSSH reads none of them, or another key without the last byte.
  if (application.includes(0)) throw new KeyRefused('a hardware key with a zero byte in its application')
  return bits
}

function rsa(fields: Fields): number {
  const exponent = fields.positive()
  const modulus = fields.positive()
  const bits = modulus.toString(2).length
  if (bits < rsaBits.least) throw new KeyRefused(`an RSA key of ${bits} bits: at least ${rsaBits.least} are needed`)
  if (bits > rsaBits.most) throw new KeyRefused(`an RSA key of ${bits} bits: at most ${rsaBits.most} are taken`)
  if (modulus % 2n === 0n) throw new KeyRefused('an RSA key with an even modulus')
  // OpenSSL verifies nothing with a longer one.
  if (exponent < 3n || exponent % 2n === 0n || exponent >= 1n << 64n)
    throw new KeyRefused('an RSA key with a bad exponent')
  return bits
}
