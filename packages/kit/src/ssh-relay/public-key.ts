// Public keys as they come over the wire, and signatures by them; hardware keys included, which ssh2 cannot read.

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type Reader, reader } from './wire.ts'

interface Kind {
  /** Names of signatures by it. */
  signatures: Record<string, string | null>
  read(from: Reader): KeyObject
  /** Of ECDSA: how long each of its two numbers is, in bytes. */
  numberBytes?: number
  /** It stands in a device that is touched. */
  isHardware?: boolean
}

const base64url = (bytes: Buffer) => bytes.toString('base64url')
const jwk = (key: Record<string, string>) => createPublicKey({ key, format: 'jwk' })

const ed25519 = (from: Reader): KeyObject => jwk({ kty: 'OKP', crv: 'Ed25519', x: base64url(from.string()) })
const ecdsa = (crv: string, name: string, bytes: number) => (from: Reader) => {
  if (from.text() !== name) throw new Error('another curve')
  const point = from.string()
  if (point[0] !== 4 || point.length !== 1 + 2 * bytes) throw new Error('no uncompressed point')
  return jwk({ kty: 'EC', crv, x: base64url(point.subarray(1, 1 + bytes)), y: base64url(point.subarray(1 + bytes)) })
}
const rsa = (from: Reader): KeyObject => {
  const [e, n] = [from.string(), from.string()]
  const key = jwk({ kty: 'RSA', e: base64url(e), n: base64url(n[0] === 0 ? n.subarray(1) : n) })
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < 3072 || bits > 8192) throw new Error('too short, or too long')
  return key
}

const p256 = ecdsa('P-256', 'nistp256', 32)
const kinds: Record<string, Kind> = {
  'ssh-ed25519': { signatures: { 'ssh-ed25519': null }, read: ed25519 },
  'sk-ssh-ed25519@openssh.com': {
    signatures: { 'sk-ssh-ed25519@openssh.com': null },
    read: ed25519,
    isHardware: true,
  },
  'ecdsa-sha2-nistp256': { signatures: { 'ecdsa-sha2-nistp256': 'sha256' }, read: p256, numberBytes: 32 },
  'ecdsa-sha2-nistp384': {
    signatures: { 'ecdsa-sha2-nistp384': 'sha384' },
    read: ecdsa('P-384', 'nistp384', 48),
    numberBytes: 48,
  },
  'ecdsa-sha2-nistp521': {
    signatures: { 'ecdsa-sha2-nistp521': 'sha512' },
    read: ecdsa('P-521', 'nistp521', 66),
    numberBytes: 66,
  },
  'sk-ecdsa-sha2-nistp256@openssh.com': {
    signatures: { 'sk-ecdsa-sha2-nistp256@openssh.com': 'sha256' },
    read: p256,
    numberBytes: 32,
    isHardware: true,
  },
  'ssh-rsa': { signatures: { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }, read: rsa },
}

export interface SshKey {
  type: string
  /** Whether signatures by it may have that name. */
  takes(name: string): boolean
  /** Whether a signature of that name, over these bytes, is by it. */
  verifies(name: string, signature: Buffer, data: Buffer): boolean
}

/** Null for what is no whole key, or one that is too weak: DSA, RSA under 3072, certificates. */
export function readPublicKey(blob: Buffer): SshKey | null {
  try {
    const from = reader(blob)
    const type = from.text()
    const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
    if (!kind) return null
    const key = kind.read(from)
    const application = kind.isHardware ? Buffer.from(from.string()) : null
    if (!from.isEnd()) return null
    return {
      type,
      takes: name => Object.hasOwn(kind.signatures, name),
      verifies: (name, signature, data) => isBy(kind, key, application, name, signature, data),
    }
  } catch {
    return null
  }
}

function isBy(
  kind: Kind,
  key: KeyObject,
  application: Buffer | null,
  name: string,
  signature: Buffer,
  data: Buffer,
): boolean {
  const hash = Object.hasOwn(kind.signatures, name) ? kind.signatures[name] : undefined
  if (hash === undefined) return false
  try {
    const from = reader(signature)
    if (from.text() !== name) return false
    const given = from.string()
    const signed = application ? hardwareSigned(from, application, data) : data
    if (!signed || !from.isEnd()) return false
    if (kind.numberBytes === undefined) return verify(hash, signed, key, given)
    return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, numbers(given, kind.numberBytes))
  } catch {
    return false
  }
}

/** What the device signed; null when nobody touched it. */
function hardwareSigned(from: Reader, application: Buffer, data: Buffer): Buffer | null {
  const [flags, counter] = [from.byte(), from.uint32()]
  const tail = Buffer.allocUnsafe(5)
  tail.writeUInt8(flags)
  tail.writeUInt32BE(counter, 1)
  return flags & 1 ? Buffer.concat([sha256(application), tail, sha256(data)]) : null
}

/** Two numbers, each of its whole length. */
function numbers(given: Buffer, bytes: number): Buffer {
  const from = reader(given)
  const each = [from.string(), from.string()].map(number => {
    const short = number[0] === 0 ? number.subarray(1) : number
    return Buffer.concat([Buffer.alloc(bytes - short.length), short])
  })
  if (!from.isEnd()) throw new Error('trailing bytes')
  return Buffer.concat(each)
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
