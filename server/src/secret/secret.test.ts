import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { type KeyWrapper, keyRing, localKeys, SealBroken, vaultKeys } from '@spoq/kit/sealed-file'
import { startVault } from '@spoq/workbench/stand-ins/vault'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { checkKeys } from './check-keys.ts'
import { open } from './open.ts'
import { openKeys } from './open-keys.ts'
import { remove } from './remove.ts'
import { rotate } from './rotate.ts'
import { seal } from './seal.ts'
import { countByVersion, type TestKeys, testKeys } from './test-keys.ts'

const text = 'sk-planted-in-a-row'
const place = { account: 'alice', kind: 'model-key', name: 'anthropic' }
const log = () => {}
const now = () => 1_000_000

let database: Database
let own: TestKeys
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database, 'secret', 'secret_key')
  own = testKeys()
  onTestFinished(own.remove)
})
afterAll(() => database.close())

const deps = (keys: KeyWrapper = own.keys) => ({ db: database.db, keys, now, log })
const keep = (of: typeof place = place, keys?: KeyWrapper) => seal(deps(keys), { ...of, text }, async (_, id) => id)
const rotateOwn = (forgetOld = false) => rotate({ ...deps(), database, local: own.keys }, { forgetOld })
const dump = async () => JSON.stringify(await database.query('SELECT * FROM secret'))

test('a secret opens for its own account, use, name and row, and for nothing else', async () => {
  const id = await keep()
  const other = await keep()
  expect(await open(deps(), id, place)).toBe(text)
  expect(await open(deps(), 'secret_none', place)).toBeNull()
  for (const change of [{ account: 'bob' }, { kind: 'ssh-key' }, { name: 'openai' }])
    await expect(open(deps(), id, { ...place, ...change })).rejects.toThrow(SealBroken)
  // What is sealed in one row is put into another, of the same account and use.
  await database.query('UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE id = $1) WHERE id = $2', [
    other,
    id,
  ])
  await expect(open(deps(), id, place)).rejects.toThrow(SealBroken)
  expect(await open(deps(), other, place)).toBe(text)
  expect(await dump()).not.toContain(text)
})

test('a row that is given to another account does not open there, nor does it under its own id', async () => {
  const [hers, his] = [await keep(), await keep({ ...place, account: 'bob' })]
  await database.query("UPDATE secret SET account_id = 'bob' WHERE id = $1", [hers])
  await expect(open(deps(), hers, { ...place, account: 'bob' })).rejects.toThrow(SealBroken)
  await database.query('DELETE FROM secret WHERE id = $1', [his])
  await database.query('UPDATE secret SET id = $1 WHERE id = $2', [his, hers])
  await expect(open(deps(), his, { ...place, account: 'bob' })).rejects.toThrow(SealBroken)
})

test('what is written alongside and the secret are one transaction', async () => {
  await expect(
    seal(deps(), { ...place, text }, async () => {
      throw new Error('no row')
    }),
  ).rejects.toThrow('no row')
  expect(await dump()).toBe('[]')
})

test('removed is removed for its place alone, and one may stay', async () => {
  const [first, second, his] = [await keep(), await keep(), await keep({ ...place, account: 'bob' })]
  const take = (but?: string) => database.db.transaction().execute(tx => remove(tx, place, but ? { but } : {}))
  await take(second)
  expect(await open(deps(), first, place)).toBeNull()
  expect(await open(deps(), second, place)).toBe(text)
  await take()
  expect(await open(deps(), second, place)).toBeNull()
  expect(await open(deps(), his, { ...place, account: 'bob' })).toBe(text)
})

test('a rotation wraps all under the new key and keeps the old one until it is told to forget it', async () => {
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.push(await keep())
  expect(await rotateOwn()).toEqual({ version: 'local:2', rewrapped: 5, broken: [], forgotten: [] })
  expect(await countByVersion(database.db)).toEqual({ 'local:2': 5 })
  expect(own.keys.versions()).toEqual(['local:1', 'local:2'])
  expect((await rotateOwn(true)).forgotten).toEqual(['local:1', 'local:2'])
  expect(own.keys.versions()).toEqual(['local:3'])
  for (const id of ids) expect(await open(deps(), id, place)).toBe(text)
})

test('a key that something needs is not forgotten, and what does not open stops nothing', async () => {
  const [broken, good] = [await keep(), await keep()]
  await database.query('UPDATE secret SET account_id = $1 WHERE id = $2', ['bob', broken])
  expect(await rotateOwn(true)).toEqual({ version: 'local:2', rewrapped: 1, broken: [broken], forgotten: [] })
  await database.query('UPDATE secret SET account_id = $1 WHERE id = $2', ['alice', broken])
  for (const id of [broken, good]) expect(await open(deps(), id, place)).toBe(text)
})

// Mutants: forget in the file before the database; insert without a look at what was forgotten.
test('what is being sealed under a key while that is forgotten is sealed again under the new one', async () => {
  await keep()
  let first = true
  const slow: KeyWrapper = {
    ...own.keys,
    wrap: async (...asked) => {
      const wrapped = await own.keys.wrap(...asked)
      if (first) {
        first = false
        expect((await rotateOwn(true)).forgotten).toEqual(['local:1'])
      }
      return wrapped
    },
  }
  const id = await keep(place, slow)
  expect(await open(deps(), id, place)).toBe(text)
  expect(await countByVersion(database.db)).toEqual({ 'local:2': 2 })
})

test('a secret that is replaced while it is wrapped anew keeps its new text', async () => {
  const id = await keep()
  const other = await keep({ ...place, name: 'openai' })
  own.keys.rotate()
  const meanwhile: KeyWrapper = {
    ...own.keys,
    unwrap: async (...asked) => {
      await database.query('DELETE FROM secret WHERE id = $1', [id])
      return own.keys.unwrap(...asked)
    },
  }
  await rotate({ ...deps(meanwhile), database, local: own.keys }, { forgetOld: true })
  expect(await open(deps(), id, place)).toBeNull()
  expect(await open(deps(), other, { ...place, name: 'openai' })).toBe(text)
})

test('secrets move from the file into Vault, and a rotation there is carried through', async () => {
  const vault = await startVault(['spoq'])
  onTestFinished(() => vault.stop())
  const id = await keep()
  const ring = keyRing(vaultKeys({ url: vault.url, token: () => vault.token, key: 'spoq' }), own.keys)
  const move = () => rotate({ ...deps(ring), database, local: own.keys }, { forgetOld: false })
  expect(await move()).toMatchObject({ version: 'vault:v1', rewrapped: 1 })
  expect(own.keys.versions(), 'the keys of the file are not rotated for Vault').toEqual(['local:1'])
  vault.rotate('spoq')
  expect(await move()).toMatchObject({ version: 'vault:v2', rewrapped: 1 })
  vault.forgetBefore('spoq', 2)
  expect(await open(deps(ring), id, place)).toBe(text)
})

test('a Vault that is sealed, refuses or is away is unavailable, is logged without its token, and loses nothing', async () => {
  const vault = await startVault(['spoq'])
  onTestFinished(() => vault.stop())
  const lines: string[] = []
  const place2 = { url: vault.url, mount: 'transit', key: 'spoq', token: vault.token, tokenFile: null }
  const opened = (change: object) =>
    openKeys({ kekFile: own.file, vault: { ...place2, ...change } }, (...line) => lines.push(JSON.stringify(line))).keys
  const id = await keep(place, opened({}))
  const away = { code: 'unavailable' }
  vault.sealed = true
  await expect(keep(place, opened({}))).rejects.toMatchObject(away)
  await expect(open(deps(opened({})), id, place)).rejects.toMatchObject(away)
  vault.sealed = false
  await expect(keep(place, opened({ token: 'hvs.planted-wrong' }))).rejects.toMatchObject(away)
  await expect(keep(place, opened({ url: 'http://127.0.0.1:1' }))).rejects.toMatchObject(away)
  await expect(keep(place, opened({ token: null, tokenFile: '/none' }))).rejects.toMatchObject(away)
  expect(lines.join()).toMatch(/Vault is sealed.*permission denied/s)
  for (const secret of [vault.token, 'planted-wrong', text]) expect(lines.join()).not.toContain(secret)
  writeFileSync(`${own.file}.token`, `${vault.token}\n`)
  expect(await open(deps(opened({ token: null, tokenFile: `${own.file}.token` })), id, place)).toBe(text)
  expect(await countByVersion(database.db)).toEqual({ 'vault:v1': 1 })
})

test('a backend starts with the keys of its database and with no others', async () => {
  rmSync(own.file, { force: true })
  const where = { kekFile: own.file, vault: null }
  const start = (of: typeof where = where) => {
    const opened = openKeys(of, log)
    return checkKeys(deps(opened.keys), opened, of)
  }
  writeFileSync(`${own.file}.plain`, '')
  const nowhere = { kekFile: `${own.file}.plain/kek.json`, vault: null }
  await expect(start(nowhere)).rejects.toMatchObject({ message: expect.stringMatching(/^KEK_FILE: .* cannot be made/) })
  await start()
  await start()
  const strange = testKeys()
  onTestFinished(strange.remove)
  const wrong = { code: 'config_invalid', message: expect.stringMatching(/^KEK_FILE: /) }
  await expect(
    start({ kekFile: strange.file, vault: null }),
    'one that is not there is not made',
  ).rejects.toMatchObject(wrong)
  localKeys(strange.file).rotate()
  await expect(start({ kekFile: strange.file, vault: null })).rejects.toMatchObject(wrong)
  writeFileSync(strange.file, randomBytes(20))
  await expect(start({ kekFile: strange.file, vault: null })).rejects.toMatchObject(wrong)
  await rotateOwn(true)
  await start()
})

test('a backend starts while Vault is away, and refuses a key of Vault that is another', async () => {
  const vault = await startVault(['spoq', 'other'])
  onTestFinished(() => vault.stop())
  const start = (key: string) => {
    const of = {
      kekFile: own.file,
      vault: { url: vault.url, mount: 'transit', key, token: vault.token, tokenFile: null },
    }
    const opened = openKeys(of, log)
    return checkKeys(deps(opened.keys), opened, of)
  }
  vault.sealed = true
  await start('spoq')
  vault.sealed = false
  await start('spoq')
  await expect(start('other')).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('VAULT'),
  })
  vault.sealed = true
  await start('spoq')
})
