import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import { bestStore, keychainStore, openStore, remembers } from './secret-store.ts'

/** A keychain in memory; a locked one takes everything and answers nothing, as keyrings do. */
function keychain({ locked = false } = {}) {
  const kept = new Map<string, string>()
  const key = (service: string, account: string) => `${service}/${account}`
  return {
    kept,
    getPassword: async (service: string, account: string) =>
      locked ? null : (kept.get(key(service, account)) ?? null),
    setPassword: async (service: string, account: string, password: string) => {
      kept.set(key(service, account), password)
    },
    deletePassword: async (service: string, account: string) => kept.delete(key(service, account)),
  }
}

test('a keychain that gives back what it was given is used, and nothing of the probe stays', async () => {
  const open = keychain()
  expect(await remembers(open)).toBe(true)
  expect(open.kept.size).toBe(0)
})

test('a locked keychain is not used', async () => {
  expect(await remembers(keychain({ locked: true }))).toBe(false)
})

test('a keychain that fails is not used', async () => {
  const failing = { ...keychain(), setPassword: () => Promise.reject(new Error('no bus')) }
  expect(await remembers(failing)).toBe(false)
})

test('two data folders have two logins in one keychain', async () => {
  const shared = keychain()
  const [one, two] = [keychainStore(shared, '/one'), keychainStore(shared, '/two')]
  await one.set('login x', 'first')
  await two.set('login x', 'second')
  expect(await one.get('login x')).toBe('first')
  await one.delete('login x')
  expect(await one.get('login x')).toBeNull()
  expect(await two.get('login x')).toBe('second')
})

test('the file keeps several secrets, for this user alone, and goes with the last', async () => {
  using folder = temporaryFolder()
  const store = await bestStore(folder.path, { keychain: false })
  await store.set('a', '1')
  await store.set('b', '2')
  const path = join(folder.path, 'cli/credentials.json')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await (await openStore('file', folder.path)).get('a')).toBe('1')
  await store.delete('a')
  expect(await store.get('a')).toBeNull()
  expect(readFileSync(path, 'utf8')).not.toContain('1')
  await store.delete('b')
  expect(() => statSync(path)).toThrow('ENOENT')
})
