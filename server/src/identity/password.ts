// Passwords at rest: Argon2id as OWASP advises (19 MiB, 2 passes, 1 lane), in the PHC string format, so that stronger
// parameters can come later and old hashes stay readable.

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)
const current: Cost = { memory: 19_456, passes: 2, parallelism: 1 }
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/

interface Cost {
  /** KiB. */
  memory: number
  passes: number
  parallelism: number
}

/** Hashes a password with a new salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const tag = await tagOf(password, salt, 32, current)
  return `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${base64(salt)}$${base64(tag)}`
}

/** Whether a password is the one that was hashed; takes as long for a wrong one. False for a hash of another kind. */
export async function verifyPassword({ password, hash }: { password: string; hash: string }): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = phc.exec(hash) ?? []
  if (!salt || !tag) return false
  const expected = Buffer.from(tag, 'base64')
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  return timingSafeEqual(await tagOf(password, Buffer.from(salt, 'base64'), expected.length, cost), expected)
}

function tagOf(password: string, nonce: Buffer, tagLength: number, cost: Cost): Promise<Buffer> {
  // The same letters typed on two systems may be composed in two ways.
  return derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength, ...cost })
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
