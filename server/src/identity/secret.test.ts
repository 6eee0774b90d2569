import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSecret } from './secret.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'spoq-secret-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test('the secret is made once, for this user alone', () => {
  const secret = openSecret(dataDir)
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  expect(statSync(join(dataDir, 'server', 'secret')).mode & 0o777).toBe(0o600)
  expect(openSecret(dataDir)).toBe(secret)
})

test('a damaged secret is an error, never a weak one', () => {
  openSecret(dataDir)
  writeFileSync(join(dataDir, 'server', 'secret'), 'short')
  expect(() => openSecret(dataDir)).toThrow('damaged')
  expect(readFileSync(join(dataDir, 'server', 'secret'), 'utf8')).toBe('short')
})
