// The secret that seals the signing key in the database and signs cookies. It stands beside the database, not in it:
// a copy of the tables alone forges nothing.

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Reads the secret of a data folder, `server/secret`, and makes it (32 random bytes, mode 0600) when there is none. */
export function openSecret(dataDir: string): string {
  const folder = join(dataDir, 'server')
  const file = join(folder, 'secret')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const secret = readFileSync(file, 'utf8')
  if (secret.length < 43) throw new Error(`${file} is damaged: it does not hold 32 bytes`)
  return secret
}
