// Signatures by public keys as they come over the wire; hardware keys included, which ssh2 cannot read.

import { createHash, verify } from 'node:crypto'
import { KeyRefused, type KeyType, type VerifyingKey, verifyingKeyOf } from '../ssh-key/index.ts'
import { type Reader, reader } from './wire.ts'

/** What signatures by a key of a type are. */
interface Kind {
  /** By name: the hash of what is signed; null: it is signed as it is. */
  hashes: Record<string, string | null>
  /** Of ECDSA: how long each of its two numbers is, in bytes. */
  numberBytes?: number
}

const kinds: Record<KeyType, Kind> = {
  'ssh-ed25519': { hashes: { 'ssh-ed25519': null } },
  'sk-ssh-ed25519@openssh.com': { hashes: { 'sk-ssh-ed25519@openssh.com': null } },
  'ecdsa-sha2-nistp256': { hashes: { 'ecdsa-sha2-nistp256': 'sha256' }, numberBytes: 32 },
  'ecdsa-sha2-nistp384': { hashes: { 'ecdsa-sha2-nistp384': 'sha384' }, numberBytes: 48 },
  'ecdsa-sha2-nistp521': { hashes: { 'ecdsa-sha2-nistp521': 'sha512' }, numberBytes: 66 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { hashes: { 'sk-ecdsa-sha2-nistp256@openssh.com': 'sha256' }, numberBytes: 32 },
  'ssh-rsa': { hashes: { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' } },
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
  const made = keyOf(blob)
  if (!made) return null
  const { hashes } = kinds[made.type]
  return {
    type: made.type,
    takes: name => Object.hasOwn(hashes, name),
    verifies: (name, signature, data) => Object.hasOwn(hashes, name) && isBy(made, name, signature, data),
  }
}

function keyOf(blob: Buffer): VerifyingKey | null {
  try {
    const { type, key, application } = verifyingKeyOf(blob)
    // The packet that it came in is gone before the signature is there.
    return { type, key, application: application && Buffer.from(application) }
  } catch (error) {
    if (error instanceof KeyRefused) return null
    throw error
  }
}

function isBy({ type, key, application }: VerifyingKey, name: string, signature: Buffer, data: Buffer): boolean {
  const { hashes, numberBytes } = kinds[type]
  const hash = hashes[name] ?? null
  try {
    const from = reader(signature)
    if (from.text() !== name) return false
    const given = from.string()
    const signed = application ? hardwareSigned(from, application, data) : data
    if (!signed || !from.isEnd()) return false
    if (numberBytes === undefined) return verify(hash, signed, key, given)
    const both = numbers(given, numberBytes)
    return both !== null && verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, both)
  } catch {
    // What is malformed, and what OpenSSL does not take, is no signature.
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

/** Two numbers, each of its whole length; null where they are no such. */
function numbers(given: Buffer, bytes: number): Buffer | null {
  const from = reader(given)
  const both = [from.string(), from.string()].map(number => (number[0] === 0 ? number.subarray(1) : number))
  if (!from.isEnd() || both.some(number => number.length > bytes)) return null
  return Buffer.concat(both.flatMap(number => [Buffer.alloc(bytes - number.length), number]))
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
