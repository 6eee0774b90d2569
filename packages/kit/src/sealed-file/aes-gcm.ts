// AES-256-GCM with a random nonce: nonce, tag and ciphertext in one piece.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { SealBroken } from './error.ts'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

export const keyBytes = 32

export function encrypt(key: Buffer, plain: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(aad)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

/** @throws SealBroken when one bit of it, of the key or of `aad` is another. */
export function decrypt(key: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  try {
    const nonce = sealed.subarray(0, nonceBytes)
    const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes)
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(aad).setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()])
  } catch (cause) {
    throw new SealBroken('What is sealed here was changed, or belongs elsewhere.', { cause })
  }
}
