import assert from 'node:assert'
import { SpoqError } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { openApp } from '../http/app.ts'
import { peerAddressHeader } from '../http/peer.ts'
import type { RateLimitDb } from './count.ts'
import { networkOf, openRateLimit, perMinute, type RateLimit } from './open.ts'

let database: Database
let db: RateLimitDb
let at = Date.UTC(2030, 0)
const open: RateLimit[] = []

beforeAll(async () => {
  database = await testDatabase()
  db = database.db as never
})
afterAll(() => database.close())
beforeEach(() => db.deleteFrom('request_count').execute())
afterEach(async () => {
  for (const limit of open.splice(0)) await limit.stop()
})

function backend(): RateLimit {
  const limit = openRateLimit({ db, now: () => at, log: () => {} })
  open.push(limit)
  return limit
}

/** How many of so many were let through. */
function letThrough(limit: RateLimit, times: number, who = '192.0.2.1', kind: 'address' | 'account' = 'address') {
  let through = 0
  for (let i = 0; i < times; i++)
    try {
      limit.take(kind, who)
      through++
    } catch (error) {
      expect(error).toBeInstanceOf(SpoqError)
      expect((error as SpoqError).code).toBe('rate_limited')
      expect((error as SpoqError).retryAfter).toBeGreaterThan(0)
      expect((error as SpoqError).retryAfter).toBeLessThanOrEqual(60)
    }
  return through
}

test('an address has its hundred a minute, an account its thousand, and neither is the other', async () => {
  const limit = backend()
  expect(letThrough(limit, 150)).toBe(perMinute.address)
  expect(letThrough(limit, 150, '192.0.2.2')).toBe(perMinute.address)
  expect(letThrough(limit, 1_100, '192.0.2.1', 'account')).toBe(perMinute.account)
  at += 59_000
  expect(letThrough(limit, 1)).toBe(0)
  at += 1_001
  expect(letThrough(limit, 150)).toBe(perMinute.address)
})

test('two backends let through what one would, and a tenth at most beside', async () => {
  const [a, b] = [backend(), backend()]
  let through = 0
  for (let i = 0; i < 40; i++) {
    through += letThrough(a, 5) + letThrough(b, 5)
    await new Promise(setImmediate)
    await Promise.all([a.flush(), b.flush()])
  }
  expect(through).toBeGreaterThanOrEqual(perMinute.address)
  expect(through).toBeLessThanOrEqual(perMinute.address * 1.1 + 10)
})

test('a restart forgives nothing', async () => {
  const before = backend()
  letThrough(before, 100)
  await before.stop()
  const after = backend()
  letThrough(after, 10)
  await after.flush()
  expect(letThrough(after, 1)).toBe(0)
})

test('a request waits for no statement, and a database that fails stops nobody', async () => {
  const failing = openRateLimit({
    db: { insertInto: () => assert.fail('down') } as never,
    now: () => at,
    log: () => {},
  })
  open.push(failing)
  expect(letThrough(failing, 50)).toBe(50)
  await failing.flush()
  expect(letThrough(failing, 100)).toBe(50)
})

test('the answer says how long to wait; /health, the keys and the metadata are free', async () => {
  const limit = backend()
  const app = openApp({
    authenticate: async () => {
      throw new SpoqError('not_signed_in')
    },
    log: () => {},
    now: () => at,
    count: limit.take,
  })
  app.otherwise(async () => new Response('here'))
  const get = (path: string, address = '192.0.2.9') =>
    app.fetch(new Request(`http://spoq.example${path}`, { headers: { [peerAddressHeader]: address } }))
  for (let i = 0; i < 100; i++) expect((await get('/auth/sign-in')).status).toBe(200)
  const refused = await get('/auth/sign-in')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBe(60)
  expect(await refused.json()).toMatchObject({ code: 'rate_limited' })
  for (const free of ['/identity/jwks', '/.well-known/oauth-authorization-server', '/identity/oauth2/token'])
    expect((await get(free)).status, free).toBe(200)
  expect((await get('/auth/sign-in', '192.0.2.10')).status).toBe(200)
})

test('addresses are not kept', async () => {
  const limit = backend()
  letThrough(limit, 3, '192.0.2.77')
  await limit.flush()
  const rows = await db.selectFrom('request_count').selectAll().execute()
  expect(rows).toMatchObject([{ count: 3 }])
  expect(rows[0]?.key).not.toContain('192.')
})

/** Catches a network of other than 64 bits, and one spelling counted beside another. */
test('whoever has a network of IPv6 has one limit', () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map(n => n.toString(16))
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 4, maxLength: 4 }),
      fc.array(group, { minLength: 4, maxLength: 4 }),
      (net, host) => {
        const padded = net.map(part => part.padStart(4, '0'))
        expect(networkOf([...net, ...host].join(':'))).toBe(networkOf([...padded, '0', '0', '0', '1'].join(':')))
      },
    ),
  )
  expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8:0:0:ffff::2'))
  expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8:0:2::1'))
  expect(networkOf('::1')).toBe('0:0:0:0')
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
})
