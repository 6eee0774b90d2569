import { call, type Sent } from '@spoq/client/call'
import type { Route } from '@spoq/contracts/http'
import { listAccountModelKeys, removeAccountModelKey, setAccountModelKey } from '@spoq/contracts/model-key'
import { SpoqError } from '@spoq/contracts/problem'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { openApp } from '../http/app.ts'
import { type Listener, listen } from '../http/listen.ts'
import { identifiedLogin } from '../http/test-login.ts'
import { type TestKeys, testKeys } from '../secret/test-keys.ts'
import { type CheckModelKey, modelKeyCheck } from './check.ts'
import { accountKeys } from './pushed.ts'
import { registerModelKeys } from './route.ts'

const key = 'sk-planted-account-key-5X'
const next = 'sk-planted-second-key-6Y'
let database: Database
let listener: Listener
let kept: TestKeys
let time: number
let check: CheckModelKey
let changed: string[]
let counted: (account: string) => void
const lines: string[] = []
const log = (...line: unknown[]) => void lines.push(JSON.stringify(line))

beforeAll(async () => {
  database = await testDatabase()
  listener = await listen('127.0.0.1', 0)
  kept = testKeys()
  const now = () => time
  const app = openApp({ authenticate, log, now: Date.now })
  const { keys } = kept
  registerModelKeys(app.serve, {
    db: database.db,
    keys,
    now,
    check: asked => check(asked),
    count: account => counted(account),
    changed: async (_, account) => void changed.push(account),
  })
  listener.answer(app.fetch)
})
beforeEach(async () => {
  await emptyTables(database, 'model_key', 'secret', 'secret_key')
  time = Date.parse('2026-11-21T10:00:00Z')
  changed = []
  check = async () => {}
  counted = () => {}
})
afterAll(async () => {
  await listener.close(0)
  await database.close()
  kept.remove()
})

/** The token is the account. */
async function authenticate(request: Request) {
  const [, account] = (request.headers.get('authorization') ?? '').split(' ')
  if (!account) throw new SpoqError('not_signed_in')
  return identifiedLogin(account)
}
const as =
  (account: string) =>
  <R extends Route>(route: R, sent: Sent<R> = {}) => {
    const origin = `http://127.0.0.1:${listener.port}`
    const target = { origin, token: async () => account, unreachable: 'server_unknown', now: Date.now } as const
    return call(target, route, sent)
  }
const alice = as('alice')
const bob = as('bob')
const anthropic = { params: { vendor: 'anthropic' } } as const
const pushed = () => accountKeys({ db: database.db, keys: kept.keys, log })
const rows = async () => {
  const tables = ['model_key', 'secret', 'secret_key', 'audit_record']
  return JSON.stringify(await Promise.all(tables.map(table => database.query(`SELECT * FROM ${table}`))))
}

test('a key is set, shown masked, replaced and removed; its machines are told each time, and all of it is audited', async () => {
  const first = await alice(setAccountModelKey, { ...anthropic, body: { key } })
  expect(first).toEqual({
    vendor: 'anthropic',
    masked: 'sk-…y-5X',
    url: 'https://api.anthropic.com/v1',
    version: 1,
    setAt: '2026-11-21T10:00:00.000Z',
    checkedAt: '2026-11-21T10:00:00.000Z',
  })
  const { versions, keys } = await pushed().openOf('alice')
  expect(keys).toEqual([{ vendor: 'anthropic', url: first.url, key }])
  expect(await pushed().versionsOf(['alice', 'bob'])).toEqual(new Map([['alice', versions]]))
  time += 60_000
  await alice(setAccountModelKey, { ...anthropic, body: { key: next, url: 'https://proxy.example/v1/', check: false } })
  const second = { masked: 'sk-…y-6Y', url: 'https://proxy.example/v1', version: 2, checkedAt: null }
  expect((await alice(listAccountModelKeys)).keys).toMatchObject([second])
  expect((await pushed().openOf('alice')).keys).toMatchObject([{ key: next, url: second.url }])
  expect((await pushed().openOf('alice')).versions).not.toEqual(versions)
  expect(await database.query('SELECT id FROM secret')).toHaveLength(1)
  await alice(removeAccountModelKey, anthropic)
  expect(await alice(listAccountModelKeys)).toEqual({ keys: [] })
  expect(await database.query('SELECT id FROM secret')).toEqual([])
  expect(await pushed().openOf('alice')).toEqual({ versions: [], keys: [] })
  expect(changed).toEqual(['alice', 'alice', 'alice'])
  const audit = 'SELECT actor, action, resource, account_id FROM audit_record ORDER BY id'
  const by = { actor: 'account:alice', resource: 'model-key:anthropic', account_id: 'alice' }
  expect(await database.query(audit)).toEqual(
    ['model-key.set', 'model-key.set', 'model-key.remove'].map(action => ({ ...by, action })),
  )
})

test('another account sees none of it, uses none of it and takes none of it away', async () => {
  await alice(setAccountModelKey, { ...anthropic, body: { key } })
  expect(await bob(listAccountModelKeys)).toEqual({ keys: [] })
  await expect(bob(removeAccountModelKey, anthropic)).rejects.toMatchObject({ code: 'model_key_not_found' })
  await bob(setAccountModelKey, { ...anthropic, body: { key: next } })
  expect((await pushed().openOf('alice')).keys).toMatchObject([{ key }])
  expect((await pushed().openOf('bob')).keys).toMatchObject([{ key: next }])
  await bob(removeAccountModelKey, anthropic)
  expect((await alice(listAccountModelKeys)).keys).toHaveLength(1)
})

test('whoever can write rows gets no key sent elsewhere: to another account, vendor or address', async () => {
  const openai = { params: { vendor: 'openai' } } as const
  await alice(setAccountModelKey, { ...anthropic, body: { key } })
  await bob(setAccountModelKey, { ...anthropic, body: { key: next } })
  await database.query("UPDATE model_key SET url = 'https://evil.example' WHERE account_id = 'alice'")
  expect((await pushed().openOf('alice')).keys).toMatchObject([{ url: 'https://api.anthropic.com/v1' }])
  const hers = "(SELECT secret_id FROM model_key WHERE account_id = 'alice' AND vendor = 'anthropic')"
  await database.query(`UPDATE model_key SET secret_id = ${hers} WHERE account_id = 'bob'`)
  expect((await pushed().openOf('bob')).keys, 'a reference to her secret').toEqual([])
  await database.query(`UPDATE secret SET account_id = 'bob' WHERE id = ${hers}`)
  expect((await pushed().openOf('bob')).keys, 'her secret as his').toEqual([])
  await database.query(`UPDATE secret SET account_id = 'alice' WHERE id = ${hers}`)
  await alice(setAccountModelKey, { ...openai, body: { key: next } })
  await database.query(`UPDATE model_key SET secret_id = ${hers} WHERE account_id = 'alice' AND vendor = 'openai'`)
  expect((await pushed().openOf('alice')).keys, 'one vendor’s as another’s').toMatchObject([
    { vendor: 'anthropic', key },
  ])
})

test('keys that are set at the same time leave one key and one secret', async () => {
  const all = ['a', 'b', 'c', 'd'].map(end => `sk-planted-parallel-${end}`)
  await Promise.all(all.map(one => alice(setAccountModelKey, { ...anthropic, body: { key: one } })))
  const { keys } = await pushed().openOf('alice')
  expect(keys).toHaveLength(1)
  expect(all).toContain(keys?.[0]?.key)
  expect((await alice(listAccountModelKeys)).keys).toMatchObject([{ version: 4 }])
  expect(await database.query('SELECT id FROM secret')).toHaveLength(1)
})

test('a key that is refused, or a limit that is reached, changes nothing', async () => {
  await alice(setAccountModelKey, { ...anthropic, body: { key } })
  check = async () => {
    throw new SpoqError('model_refused')
  }
  await expect(alice(setAccountModelKey, { ...anthropic, body: { key: next } })).rejects.toMatchObject({
    code: 'model_refused',
  })
  counted = () => {
    throw new SpoqError('rate_limited', { retryAfter: 9 })
  }
  const unchecked = { key: next, check: false }
  await expect(alice(setAccountModelKey, { ...anthropic, body: unchecked })).rejects.toMatchObject({
    code: 'rate_limited',
  })
  expect((await pushed().openOf('alice')).keys).toMatchObject([{ key }])
})

test.each([
  ['no address', 'openai-compatible', { key }],
  ['a user in the address', 'openai', { key, url: 'https://user:password@api.example/v1' }],
  ['a query in the address', 'openai', { key, url: 'https://api.example/v1?key=1' }],
  ['another scheme', 'openai', { key, url: 'file:///etc/passwd' }],
  ['a key of two words', 'openai', { key: 'a b' }],
  ['a model server on the machine', 'ollama', { key, url: 'http://127.0.0.1:11434/v1' }],
])('%s is refused', async (_, vendor, body) => {
  const sent = { params: { vendor: vendor as 'openai' }, body }
  await expect(alice(setAccountModelKey, sent)).rejects.toMatchObject({ code: 'invalid_request' })
  expect(await database.query('SELECT id FROM secret')).toEqual([])
})

test('the vendor is asked by the free call; what it says is told without the key', async () => {
  const vendor = await startOpenAi([], ['m'], { key: next })
  onTestFinished(() => vendor.stop())
  check = modelKeyCheck({ own: true })
  const sent = { params: { vendor: 'openai-compatible' }, body: { key, url: vendor.url } } as const
  await expect(alice(setAccountModelKey, sent)).rejects.toMatchObject({
    code: 'model_refused',
    message: 'openai-compatible refused the key: Incorrect API key provided: ***',
  })
  await alice(setAccountModelKey, { ...sent, body: { key: next, url: vendor.url } })
  expect(vendor.asked, 'nothing that costs').toEqual([])
  const nobody = { ...sent, body: { key, url: 'http://127.0.0.1:1/v1' } }
  await expect(alice(setAccountModelKey, nobody)).rejects.toMatchObject({ code: 'model_failed' })
})

// Mutants: ask with the plain fetch; look at the address only as it is written.
test('a backend for many asks no address inside, also not by a name that leads there', async () => {
  const vendor = await startOpenAi(() => ({ pieces: ['ok'] }))
  onTestFinished(() => vendor.stop())
  check = modelKeyCheck({ own: false })
  const { port } = new URL(vendor.url)
  const urls = [vendor.url, `https://127.0.0.1:${port}`, `https://localhost:${port}/v1`, 'https://169.254.169.254/v1']
  for (const url of [...urls, 'https://[::1]/v1', 'https://0x7f000001/v1']) {
    const sent = { params: { vendor: 'openai-compatible' }, body: { key, url } } as const
    await expect(alice(setAccountModelKey, sent), url).rejects.toMatchObject({ code: 'invalid_request' })
  }
  const unchecked = { params: { vendor: 'openai-compatible' }, body: { key, url: vendor.url, check: false } } as const
  expect(await alice(setAccountModelKey, unchecked)).toMatchObject({ checkedAt: null })
})

test('no key is in a row, an audit record or a log', async () => {
  await alice(setAccountModelKey, { ...anthropic, body: { key } })
  await alice(setAccountModelKey, { ...anthropic, body: { key: next } })
  await database.query("UPDATE secret SET account_id = 'bob'")
  await pushed().openOf('alice')
  expect(lines.join()).toContain('model-key.broken')
  for (const secret of [key, next, Buffer.from(key).toString('base64')])
    for (const text of [await rows(), lines.join('\n')]) expect(text).not.toContain(secret)
})
