// The secret that seals the signing key in the database and signs cookies. It stands beside the database, not in it:
// a copy of the tables alone forges nothing. All backends of a database have the same one; the database knows which.

import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'

/**
 * Reads the secret of a database from its file. The first backend of a database makes it (32 random bytes, mode 0600) when
 * there is none.
 * @throws SpoqError `config_invalid` when it is damaged, not there, or not the one that this database was set up with.
 */
export async function openSecret(db: Kysely<Tables>, file: string): Promise<string> {
  const known = await db.selectFrom('secret_fingerprint').select('fingerprint').executeTakeFirst()
  if (!known) make(file)
  const secret = read(file)
  const fingerprint = derive(secret, 'fingerprint')
  if (!known) {
    const inserting = db.insertInto('secret_fingerprint').values({ fingerprint })
    await inserting.onConflict(conflict => conflict.doNothing()).execute()
  }
  const kept = await db.selectFrom('secret_fingerprint').select('fingerprint').executeTakeFirstOrThrow()
  if (kept.fingerprint !== fingerprint) throw wrong(`${file} is not the secret that this database was set up with`)
  return secret
}

/** What is known to whoever has the secret, and tells nothing of it. */
export const derive = (secret: string, purpose: string) =>
  createHmac('sha256', secret).update(`spoq ${purpose}`).digest('base64url')

/** Whole or not at all: another backend may read it in this moment. */
function make(file: string): void {
  if (existsSync(file)) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const aside = `${file}.${randomBytes(4).toString('hex')}`
  writeFileSync(aside, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true })
  try {
    linkSync(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(aside)
  }
}

function read(file: string): string {
  try {
    const secret = readFileSync(file, 'utf8').trim()
    if (secret.length >= 43) return secret
  } catch (cause) {
    throw wrong(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`)
  }
  throw wrong(`${file} is damaged: it does not hold 32 bytes`)
}

const wrong = (message: string) =>
  new SpoqError('config_invalid', {
    message: `KEY_FILE: ${message}`,
    next: 'Name the file that the first backend of this database made, or a copy of it.',
  })
