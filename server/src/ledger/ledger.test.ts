import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { balance } from './balance.ts'
import { expire } from './expire.ts'
import { history } from './history.ts'
import { hold } from './hold.ts'
import { post } from './post.ts'
import { release } from './release.ts'
import { reverse } from './reverse.ts'
import { emptyLedger, move, type TestLedger, testLedger } from './test-ledger.ts'

let database: Database
let ledger: TestLedger
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyLedger(database)
  ledger = testLedger(database)
})
afterAll(() => database.close())

const ann = 'customer:ann'
const ben = 'customer:ben'
const of = async (account: string) => (await balance(ledger, account)).available
const spend = (key: string, amount: bigint, more = {}) =>
  post(ledger, { key, kind: 'usage', lines: move(ann, 'usage', amount), ...more })

test('money moves from one account to another, and each sees what it has after it', async () => {
  await ledger.give(ann, 10n)
  const posted = await post(ledger, { key: 'a', kind: 'gift', lines: move(ann, ben, 4n), note: 'für Ben ☂' })
  expect(posted).toEqual({
    tx: expect.any(String),
    recordedAt: new Date(ledger.now()),
    after: { [ann]: 6n, [ben]: 4n },
  })
  expect(await balance(ledger, ann)).toEqual({ balance: 6n, held: 0n, available: 6n })
  expect(await balance(ledger, 'customer:nobody')).toEqual({ balance: 0n, held: 0n, available: 0n })
  expect(await ledger.findings()).toEqual([])
})

test('amounts far above 2^53 are exact', async () => {
  const most = 1_000_000_000_000_000n
  for (let times = 0; times < 10; times++) await ledger.give(ann, most - 1n)
  expect(await of(ann)).toBe(10n * most - 10n)
})

test('all that is there can be spent, and not one more', async () => {
  await ledger.give(ann, 1_500_000n)
  await expect(spend('more', 1_500_001n)).rejects.toMatchObject({
    code: 'credit_short',
    exit: 8,
    message: 'There is $1.50 of credit, and $1.500001 is needed.',
  })
  await spend('all', 1_500_000n)
  expect(await of(ann)).toBe(0n)
  expect(await ledger.findings()).toEqual([])
})

test('the same request again is answered as the first time, another one with its key is refused', async () => {
  await ledger.give(ann, 10n)
  const first = await spend('one', 6n)
  await ledger.give(ann, 1n)
  ledger.pass(86_400_000)
  expect(await spend('one', 6n)).toEqual(first)
  await expect(spend('one', 5n)).rejects.toMatchObject({ code: 'idempotency_mismatch', status: 409 })
  await expect(spend('one', 6n, { note: 'x' })).rejects.toMatchObject({ code: 'idempotency_mismatch' })
  expect(await of(ann)).toBe(5n)
})

test('posts that wait go together; what one of them is refused for, or cannot be read, fails no other', async () => {
  await ledger.give(ann, 3n)
  const settled = await Promise.allSettled([
    spend('1', 1n),
    spend('2', 5n),
    post(ledger, {
      key: '3',
      kind: 'usage',
      lines: [
        { account: ann, amount: 1n },
        { account: 'card', amount: 1n },
      ],
    }),
    post(ledger, { key: '4', kind: 'usage', lines: move('nowhere', 'card', 1n) }),
    post(ledger, { key: '5', kind: 'usage', lines: [...move(ann, 'card', 1n), ...move(ann, 'card', 1n)] }),
    ledger.batch.send({ key: '6', kind: 'usage', lines: [{ account: ann, amount: 'not a number' }] }),
    post(ledger, { key: '7', kind: 'usage', lines: move(ann, 'card', 1n), note: '\ud800' }),
    spend('8', 1n),
    spend('8', 1n),
    spend('8', 2n),
  ])
  const codes = settled.map(one => (one.status === 'fulfilled' ? 'posted' : (one.reason.code ?? one.reason.name)))
  expect(codes).toEqual([
    ...['posted', 'credit_short', 'invalid_request', 'invalid_request', 'invalid_request', '22P02', 'invalid_request'],
    ...['posted', 'posted', 'idempotency_mismatch'],
  ])
  expect(await of(ann)).toBe(1n)
  expect(await ledger.findings()).toEqual([])
})

test('in a transaction of the caller it is kept or lost with what else is written there', async () => {
  await ledger.give(ann, 10n)
  const body = { key: 'k', kind: 'usage', lines: move(ann, 'usage', 7n) }
  const lost = database.db.transaction().execute(async trx => {
    expect((await post(ledger, body, trx)).after).toEqual({ [ann]: 3n })
    await hold(ledger, { key: 'h', account: ann, amount: 3n, forMs: 1 }, trx)
    throw new Error('changed my mind')
  })
  await expect(lost).rejects.toThrow('changed my mind')
  expect(await balance(ledger, ann)).toEqual({ balance: 10n, held: 0n, available: 10n })
  await database.db.transaction().execute(trx => post(ledger, body, trx))
  expect(await of(ann)).toBe(3n)
})

test('what is held cannot be spent by anything else; capturing takes what was needed and frees the rest', async () => {
  await ledger.give(ann, 10n)
  const { hold: id } = await hold(ledger, { key: 'h', account: ann, amount: 8n, forMs: 1_000 })
  await expect(spend('a', 3n)).rejects.toMatchObject({ code: 'credit_short' })
  await expect(hold(ledger, { key: 'i', account: ann, amount: 3n, forMs: 1 })).rejects.toMatchObject({
    code: 'credit_short',
  })
  await expect(post(ledger, { key: 'b', kind: 'x', lines: move(ben, 'card', 1n), captures: id })).rejects.toThrow(
    'hold',
  )
  await spend('c', 5n, { captures: id })
  expect(await balance(ledger, ann)).toEqual({ balance: 5n, held: 0n, available: 5n })
  await expect(spend('d', 1n, { captures: id })).rejects.toMatchObject({ code: 'hold_ended' })
  await expect(release(ledger, id)).rejects.toMatchObject({ code: 'hold_ended' })
  expect(await ledger.findings()).toEqual([])
})

test('what is held may be passed only by what else there is', async () => {
  await ledger.give(ann, 10n)
  const { hold: id } = await hold(ledger, { key: 'h', account: ann, amount: 8n, forMs: 1_000 })
  await expect(spend('a', 11n, { captures: id })).rejects.toMatchObject({ code: 'credit_short' })
  await spend('b', 10n, { captures: id })
  expect(await of(ann)).toBe(0n)
})

test('a hold ends once: released, or over exactly when its time is', async () => {
  await ledger.give(ann, 10n)
  const request = { key: 'h', account: ann, amount: 6n, forMs: 1_000 }
  const held = await hold(ledger, request)
  expect(held.expiresAt.getTime()).toBe(ledger.now() + 1_000)
  expect(await hold(ledger, request)).toEqual(held)
  await expect(hold(ledger, { ...request, amount: 5n })).rejects.toMatchObject({ code: 'idempotency_mismatch' })
  expect(await release(ledger, held.hold)).toBe('released')
  expect(await release(ledger, held.hold)).toBe('released')

  const second = await hold(ledger, { ...request, key: 'i' })
  ledger.pass(999)
  expect(await of(ann)).toBe(4n)
  expect(await expire(ledger)).toBe(0)
  ledger.pass(1)
  expect(await balance(ledger, ann)).toEqual({ balance: 10n, held: 0n, available: 10n })
  await expect(spend('a', 1n, { captures: second.hold })).rejects.toMatchObject({ code: 'hold_ended' })
  expect(await release(ledger, second.hold)).toBe('expired')
  await spend('b', 10n)
  expect(await ledger.findings()).toEqual([])
})

test('holds of accounts that nothing touches end by expire', async () => {
  await ledger.give(ann, 10n)
  for (let at = 0; at < 5; at++) await hold(ledger, { key: `h${at}`, account: ann, amount: 1n, forMs: 10 })
  ledger.pass(10)
  expect(await expire(ledger, 2)).toBe(5)
  expect(await database.query('SELECT FROM ledger.open_hold')).toEqual([])
})

test('a hold that is over is over, whoever’s lines come to capture it', async () => {
  await ledger.give(ann, 10n)
  await ledger.give(ben, 10n)
  const { hold: id } = await hold(ledger, { key: 'h', account: ann, amount: 4n, forMs: 10 })
  const capture = (key: string) => post(ledger, { key, kind: 'usage', lines: move(ben, 'usage', 1n), captures: id })
  await expect(capture('a')).rejects.toMatchObject({ code: 'invalid_request' })
  ledger.pass(10)
  await expect(capture('b')).rejects.toMatchObject({ code: 'hold_ended' })
})

test('a transaction is reversed once; its reversal is a transaction like any other', async () => {
  const gift = await ledger.give(ann, 10n)
  const undone = await reverse(ledger, { key: 'r', tx: gift })
  expect(undone.after).toEqual({ [ann]: 0n })
  expect(await reverse(ledger, { key: 'r', tx: gift })).toEqual(undone)
  await expect(reverse(ledger, { key: 's', tx: gift })).rejects.toMatchObject({ code: 'already_reversed' })
  expect((await reverse(ledger, { key: 't', tx: undone.tx })).after).toEqual({ [ann]: 10n })
  await expect(reverse(ledger, { key: 'u', tx: '999999' })).rejects.toMatchObject({ code: 'not_found' })
  expect(await ledger.findings()).toEqual([])
})

test('disputes and refunds alone may take an account below its floor; credits fill it, and nothing is spent meanwhile', async () => {
  const gift = await ledger.give(ann, 10n)
  await spend('a', 6n)
  await expect(reverse(ledger, { key: 'r', tx: gift })).rejects.toMatchObject({ code: 'credit_short' })
  const { after } = await post(ledger, { key: 'd', kind: 'dispute', lines: move(ann, 'dispute', 10n) })
  expect(after).toEqual({ [ann]: -6n })
  await expect(spend('b', 1n)).rejects.toMatchObject({ message: 'There is $0.00 of credit, and $0.000001 is needed.' })
  await ledger.give(ann, 5n)
  await expect(spend('c', 1n)).rejects.toMatchObject({ code: 'credit_short' })
  await reverse(ledger, { key: 'refund', tx: gift, kind: 'refund' })
  expect(await of(ann)).toBe(-11n)
  await ledger.give(ann, 12n)
  await spend('f', 1n)
  await expect(spend('e', 1n)).rejects.toMatchObject({ code: 'credit_short' })
  expect(await ledger.findings()).toEqual([])
})

test('a hold from before a dispute stands', async () => {
  await ledger.give(ann, 10n)
  const { hold: id } = await hold(ledger, { key: 'h', account: ann, amount: 8n, forMs: 1_000 })
  await post(ledger, { key: 'd', kind: 'dispute', lines: move(ann, 'dispute', 10n) })
  expect(await of(ann)).toBe(-8n)
  await spend('a', 8n, { captures: id })
  expect(await of(ann)).toBe(-8n)
  expect(await ledger.findings()).toEqual([])
})

test('the history is read page by page, newest first', async () => {
  const gift = await ledger.give(ann, 10n)
  for (let at = 1; at <= 4; at++) await spend(`s${at}`, 1n, { effectiveAt: new Date(at) })
  await reverse(ledger, { key: 'r', tx: gift, kind: 'refund', note: 'sorry' })
  const first = await history(ledger, { account: ann, limit: 4 })
  expect(first.movements.map(({ balanceAfter }) => balanceAfter)).toEqual([-4n, 6n, 7n, 8n])
  expect(first.movements[0]).toMatchObject({ kind: 'refund', amount: -10n, reverses: gift, note: 'sorry' })
  expect(first.movements[1]?.effectiveAt).toEqual(new Date(4))
  await ledger.give(ann, 1n)
  const second = await history(ledger, { account: ann, limit: 4, before: first.next as string })
  expect(second.movements.map(({ amount }) => amount)).toEqual([-1n, 10n])
  expect(second.next).toBe(null)
})
