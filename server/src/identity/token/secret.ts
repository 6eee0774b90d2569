// The secret of a personal access token: `spoq_pat_`, 43 characters of 256 random bits, 6 of a checksum. With prefix and
// checksum a scanner finds one that leaked and mistakes nothing else for it.

import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { tokenPrefix } from '@spoq/contracts/token'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const randomLength = 43
const checksumLength = 6
const form = new RegExp(`^${tokenPrefix}([0-9A-Za-z]{${randomLength}})([0-9A-Za-z]{${checksumLength}})$`)

/** A new secret, from 32 random bytes. */
export function newSecret(bytes: Buffer = randomBytes(32)): string {
  const random = base62(BigInt(`0x${bytes.toString('hex')}`), randomLength)
  return `${tokenPrefix}${random}${checksumOf(random)}`
}

/** Whether a bearer token means to be one of these. */
export const isSecret = (token: string) => token.startsWith(tokenPrefix)

/** Whether it can be one: a slip of the keyboard is told without asking the database. */
export function isWhole(secret: string): boolean {
  const [, random = '', checksum] = form.exec(secret) ?? []
  return checksum === checksumOf(random)
}

/** How it is kept. With 256 random bits one round of a plain hash is enough: there is nothing to guess. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url')

const checksumOf = (random: string) => base62(BigInt(crc32(random)), checksumLength)

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest /= 62n) text = digits[Number(rest % 62n)] + text
  return text
}
