// For tests: public keys of every kind, made here.

import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto'

export const field = (bytes: Uint8Array | string): Buffer => {
  const content = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

export const blobOf = (...fields: (Uint8Array | string)[]): Buffer => Buffer.concat(fields.map(field))

export const lineOf = (blob: Buffer, comment = ''): string => {
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
  return `${type} ${blob.toString('base64')}${comment && ` ${comment}`}`
}

const ed25519Raw = () =>
  generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) as Buffer

function point(curve: 'prime256v1' | 'secp384r1' | 'secp521r1'): Buffer {
  const ecdh = createECDH(curve)
  return ecdh.generateKeys()
}

export const ed25519 = () => blobOf('ssh-ed25519', ed25519Raw())
export const skEd25519 = () => blobOf('sk-ssh-ed25519@openssh.com', ed25519Raw(), 'ssh:')
export const ecdsa256 = () => blobOf('ecdsa-sha2-nistp256', 'nistp256', point('prime256v1'))
export const ecdsa384 = () => blobOf('ecdsa-sha2-nistp384', 'nistp384', point('secp384r1'))
export const ecdsa521 = () => blobOf('ecdsa-sha2-nistp521', 'nistp521', point('secp521r1'))
export const skEcdsa = () => blobOf('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', point('prime256v1'), 'ssh:')
export const dsa = () => blobOf('ssh-dss', mpint(randomBytes(128)), mpint(randomBytes(20)), 'g', 'y')

/** An odd number of so many bits stands for a modulus: nobody looks at its factors. */
export function rsa(bits: number, exponent: Uint8Array = Buffer.from([1, 0, 1])): Buffer {
  const modulus = randomBytes(Math.ceil(bits / 8))
  const top = (bits - 1) % 8
  modulus[0] = ((modulus[0] ?? 0) & ((1 << (top + 1)) - 1)) | (1 << top)
  modulus[modulus.length - 1] = (modulus.at(-1) ?? 0) | 1
  return blobOf('ssh-rsa', mpint(exponent), mpint(modulus))
}

export const mpint = (bytes: Uint8Array): Buffer =>
  (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : Buffer.from(bytes)

export const everyKind = {
  ed25519,
  'sk-ed25519': skEd25519,
  ecdsa256,
  ecdsa384,
  ecdsa521,
  'sk-ecdsa': skEcdsa,
  'rsa 3072': () => rsa(3_072),
  'rsa 4096': () => rsa(4_096),
  'rsa 8192': () => rsa(8_192),
}
