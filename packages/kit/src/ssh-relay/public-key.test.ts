import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPublicKey } from './public-key.ts'
import { string, uint32 } from './wire.ts'

const point = (key: KeyObject) => {
  const { x, y } = key.export({ format: 'jwk' })
  return Buffer.concat([Buffer.from([4]), Buffer.from(String(x), 'base64url'), Buffer.from(String(y), 'base64url')])
}
const number = (bytes: Buffer) => string((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest()

interface Made {
  blob: Buffer
  name: string
  signed: (data: Buffer, flags?: number) => Buffer
}

function ed25519(): Made {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const name = 'ssh-ed25519'
  const blob = Buffer.concat([
    string(name),
    string(Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url')),
  ])
  return { blob, name, signed: data => Buffer.concat([string(name), string(sign(null, data, privateKey))]) }
}

function ecdsa(
  curve: 'nistp256' | 'nistp384' | 'nistp521',
  hash: string,
  prefix = '',
  tail: Uint8Array = Buffer.alloc(0),
) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve.replace('nistp', 'P-') })
  const name = `${prefix}ecdsa-sha2-${curve}${prefix && '@openssh.com'}`
  const blob = Buffer.concat([string(name), string(curve), string(point(publicKey)), tail])
  const raw = (data: Buffer) => {
    const both = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const short = (bytes: Buffer) =>
      bytes.subarray(
        Math.max(
          0,
          bytes.findIndex(byte => byte !== 0),
        ),
      )
    return string(
      Buffer.concat(
        [both.subarray(0, both.length / 2), both.subarray(both.length / 2)].map(half => number(short(half))),
      ),
    )
  }
  return { blob, name, raw, signed: (data: Buffer) => Buffer.concat([string(name), raw(data)]) }
}

/** What a device signs, with or without a touch. */
function hardware(): Made {
  const { raw, ...made } = ecdsa('nistp256', 'sha256', 'sk-', string('ssh:'))
  const signed = (data: Buffer, flags = 1) => {
    const seen = Buffer.concat([Buffer.from([flags]), uint32(7)])
    return Buffer.concat([string(made.name), raw(Buffer.concat([sha256('ssh:'), seen, sha256(data)])), seen])
  }
  return { ...made, signed }
}

function rsa(bits: number): Made {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  const { n, e } = publicKey.export({ format: 'jwk' })
  const parts = [e, n].map(part => number(Buffer.from(String(part), 'base64url')))
  const name = 'rsa-sha2-512'
  return {
    blob: Buffer.concat([string('ssh-rsa'), ...parts]),
    name,
    signed: data => Buffer.concat([string(name), string(sign('sha512', data, privateKey))]),
  }
}

const kinds: [string, () => Made][] = [
  ['ed25519', ed25519],
  ['ecdsa of 256 bits', () => ecdsa('nistp256', 'sha256')],
  ['ecdsa of 384 bits', () => ecdsa('nistp384', 'sha384')],
  ['ecdsa of 521 bits', () => ecdsa('nistp521', 'sha512')],
  ['a hardware key', hardware],
  ['RSA of 3072 bits', () => rsa(3072)],
]

test.each(kinds)('signatures by %s are known, and no others', (_, make) => {
  const [{ blob, name, signed }, other, data] = [make(), make(), randomBytes(100)]
  const key = readPublicKey(blob)
  expect(key?.takes(name)).toBe(true)
  // A number that begins with zeros is shorter, once in some hundred times.
  for (let times = 0; times < 300; times++) expect(key?.verifies(name, signed(data), data)).toBe(true)
  expect(key?.verifies(name, other.signed(data), data)).toBe(false)
  expect(key?.verifies(name, signed(data), randomBytes(100))).toBe(false)
  expect(key?.verifies('ssh-rsa', signed(data), data)).toBe(false)
  expect(key?.verifies(name, Buffer.concat([signed(data), Buffer.from([0])]), data)).toBe(false)
  expect(key?.verifies(name, signed(data).subarray(0, -1), data)).toBe(false)
})

/** A piece taken out, and another put in its place. */
const change = fc.record({ at: fc.nat(999), take: fc.nat(4), put: fc.uint8Array({ maxLength: 4 }) })

// Mutants: no catch around what OpenSSL is given; trailing bytes let through; a number that is longer than the curve's.
test.each(kinds)('what is not quite a signature by %s, or a key, is none, and nothing is thrown', (_, make) => {
  const [{ blob, name, signed }, data] = [make(), randomBytes(100)]
  const [key, signature] = [readPublicKey(blob), signed(data)]
  const changed = (bytes: Buffer, { at, take, put }: { at: number; take: number; put: Uint8Array }) => {
    const here = Math.floor((at / 1_000) * bytes.length)
    return Buffer.concat([bytes.subarray(0, here), put, bytes.subarray(here + take)])
  }
  fc.assert(
    fc.property(change, fc.boolean(), (how, ofKey) => {
      const [other, bytes] = ofKey ? [changed(blob, how), signature] : [blob, changed(signature, how)]
      fc.pre(!other.equals(blob) || !bytes.equals(signature))
      const by = ofKey ? readPublicKey(other) : key
      expect(by?.verifies(name, bytes, data) ?? false).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('a hardware key that nobody touched signs nothing', () => {
  const { blob, name, signed } = hardware()
  const data = randomBytes(100)
  expect(readPublicKey(blob)?.verifies(name, signed(data, 0), data)).toBe(false)
})

test.each<[string, Buffer]>([
  ['RSA of 2048 bits', rsa(2048).blob],
  ['DSA', Buffer.concat([string('ssh-dss'), string(randomBytes(128))])],
  ['one with bytes behind it', Buffer.concat([ed25519().blob, Buffer.from([0])])],
  ['one that is cut', ed25519().blob.subarray(0, -1)],
  ['a certificate', Buffer.concat([string('ssh-ed25519-cert-v01@openssh.com'), string(randomBytes(32))])],
  ['a name of every object', Buffer.concat([string('constructor'), string(randomBytes(32))])],
  [
    'another curve than it says',
    ecdsa('nistp384', 'sha384', '').blob.map((byte, at) => (at === 21 ? 0x32 : byte)) as Buffer,
  ],
  ['nothing', Buffer.alloc(0)],
])('%s is no key', (_, blob) => {
  expect(readPublicKey(Buffer.from(blob))).toBeNull()
})
