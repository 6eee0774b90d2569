// SSH public keys as they go over the wire (RFC 4253, 5656, 8709, and OpenSSH's PROTOCOL.u2f). Weak ones are refused.

import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { curves, pointOf } from './curve.ts'
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

/** By what signatures are verified. */
export interface VerifyingKey {
  type: KeyType
  key: KeyObject
  /** For whom a security key signs; null: it is none. */
  application: Buffer | null
}

/** The key that a blob is. @throws KeyRefused */
export function keyOfBlob(blob: Uint8Array): SshPublicKey {
  const { type, bits, jwk, application } = partsOf(blob)
  if (jwk.kty === 'EC') keyObjectOf(jwk)
  const line = `${type} ${Buffer.from(blob).toString('base64')}`
  return { type, line, fingerprint: fingerprintOf(blob), bits, isHardware: application !== null }
}

/** The same, for signatures by it. @throws KeyRefused */
export function verifyingKeyOf(blob: Uint8Array): VerifyingKey {
  const { type, jwk, application } = partsOf(blob)
  return { type, application, key: keyObjectOf(jwk) }
}

/** What is read of a key. */
interface Parts {
  bits: number
  jwk: JsonWebKey
}

function partsOf(blob: Uint8Array): Parts & { type: KeyType; application: Buffer | null } {
  const fields = new Fields(blob)
  const type = assertKnown(fields.text())
  const parts = readers[type](fields)
  const application = type.startsWith('sk-') ? fields.bytes() : null
  if (application?.length === 0) throw new KeyRefused('a hardware key that says of no application')
  // OpenSSH reads none of them, or another key without the last byte.
  if (application?.includes(0)) throw new KeyRefused('a hardware key with a zero byte in its application')
  fields.end()
  return { ...parts, type, application }
}

/** OpenSSL says whether a point is on its curve. */
function keyObjectOf(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    throw jwk.kty === 'EC' ? notOnCurve() : new KeyRefused('a key that OpenSSL does not take')
  }
}

const notOnCurve = () => new KeyRefused('an ECDSA key that is no point of its curve')

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

/** Reads what follows the type. */
const readers: Record<KeyType, (fields: Fields) => Parts> = {
  'ssh-ed25519': ed25519,
  'sk-ssh-ed25519@openssh.com': ed25519,
  'ecdsa-sha2-nistp256': fields => ecdsa(fields, 'nistp256'),
  'ecdsa-sha2-nistp384': fields => ecdsa(fields, 'nistp384'),
  'ecdsa-sha2-nistp521': fields => ecdsa(fields, 'nistp521'),
  'sk-ecdsa-sha2-nistp256@openssh.com': fields => ecdsa(fields, 'nistp256'),
  'ssh-rsa': rsa,
}

function ed25519(fields: Fields): Parts {
  const point = fields.bytes()
  if (point.length !== 32) throw new KeyRefused('an Ed25519 key of a wrong length')
  return { bits: 256, jwk: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') } }
}

function ecdsa(fields: Fields, curve: keyof typeof curves): Parts {
  if (fields.text() !== curve) throw new KeyRefused('an ECDSA key of another curve than it says')
  const jwk = pointOf(curve, fields.bytes())
  if (!jwk) throw notOnCurve()
  return { bits: curves[curve].bits, jwk }
}

function rsa(fields: Fields): Parts {
  const exponent = fields.positive()
  const modulus = fields.positive()
  const bits = modulus.toString(2).length
  if (bits < rsaBits.least) throw new KeyRefused(`an RSA key of ${bits} bits: at least ${rsaBits.least} are needed`)
  if (bits > rsaBits.most) throw new KeyRefused(`an RSA key of ${bits} bits: at most ${rsaBits.most} are taken`)
  if (modulus % 2n === 0n) throw new KeyRefused('an RSA key with an even modulus')
  // OpenSSL verifies nothing with a longer one.
  if (exponent < 3n || exponent % 2n === 0n || exponent >= 1n << 64n)
    throw new KeyRefused('an RSA key with a bad exponent')
  return { bits, jwk: { kty: 'RSA', n: number(modulus), e: number(exponent) } }
}

function number(value: bigint): string {
  const digits = value.toString(16)
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url')
}
