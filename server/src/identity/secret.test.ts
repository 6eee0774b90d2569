import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { openSecret } from './secret.ts'

let database: Database
let folder: string
let file: string
beforeEach(async () => {
  database = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'spoq-secret-'))
  file = join(folder, 'server', 'secret')
})
afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

test('the secret is made once, for this user alone', async () => {
  const secret = await openSecret(database.db, file)
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await openSecret(database.db, file)).toBe(secret)
  expect(readdirSync(join(folder, 'server'))).toEqual(['secret'])
})

test('a damaged secret is an error, never a weak one', async () => {
  await openSecret(database.db, file)
  writeFileSync(file, 'short')
  await expect(openSecret(database.db, file)).rejects.toThrow('damaged')
  expect(readFileSync(file, 'utf8')).toBe('short')
})

test('backends that start together have one secret', async () => {
  const secrets = await Promise.all(Array.from({ length: 8 }, () => openSecret(database.db, file)))
  expect(new Set(secrets).size).toBe(1)
})

test('of backends with files of their own one is let in, the others name the variable', async () => {
  const files = ['a', 'b', 'c', 'd'].map(name => join(folder, name))
  const opened = await Promise.allSettled(files.map(each => openSecret(database.db, each)))
  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const each of opened)
    if (each.status === 'rejected')
      expect(each.reason).toMatchObject({ code: 'config_invalid', message: expect.stringMatching(/^KEY_FILE: \//) })
})

test('a database that has one gets no other: a lost file is not made anew, and the tables do not hold it', async () => {
  const secret = await openSecret(database.db, file)
  rmSync(file)
  await expect(openSecret(database.db, file)).rejects.toMatchObject({ code: 'config_invalid' })
  expect(existsSync(file)).toBe(false)
  const rows = await database.query('SELECT * FROM secret_fingerprint')
  expect(JSON.stringify(rows)).not.toContain(secret)
})
