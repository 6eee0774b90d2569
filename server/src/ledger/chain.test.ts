import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { hold } from './hold.ts'
import { post } from './post.ts'
import { emptyLedger, move, type TestLedger, testLedger, unwatched } from './test-ledger.ts'

let database: Database
let ledger: TestLedger
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyLedger(database)
  ledger = testLedger(database)
  await ledger.give('customer:ann', 10n)
  await post(ledger, { key: 'a', kind: 'usage', lines: move('customer:ann', 'usage', 4n), note: 'nine "lines"\n' })
  await ledger.seal()
  await ledger.give('customer:ben', 10n)
  await hold(ledger, { key: 'h', account: 'customer:ann', amount: 2n, forMs: 1_000 })
  await ledger.seal()
})
afterAll(() => database.close())

const heads = () => readFileSync(ledger.headFile, 'utf8')
/** An owner who has switched the triggers off. */
const edit = (statements: string) => database.query(unwatched(statements))

/** What an owner can do who knows how the chain is made: every block anew. */
const forge = () =>
  edit('DELETE FROM ledger.sealed; DELETE FROM ledger.block; INSERT INTO ledger.unsealed SELECT id FROM ledger.tx')
    .then(() => database.query('SELECT ledger.seal(2, now())'))
    .then(() => database.query('SELECT ledger.seal(2, now())'))

test('each block follows the one before it, and its head stands outside, for its owner alone', async () => {
  expect(await ledger.findings()).toEqual([])
  expect(heads().trim().split('\n')).toHaveLength(2)
  expect(statSync(ledger.headFile).mode & 0o777).toBe(0o600)
  const blocks = await database.query<{ n: number; count: number }>(
    'SELECT block AS n, count(*)::int AS count FROM ledger.sealed GROUP BY block ORDER BY 1',
  )
  expect(blocks.map(({ n, count }) => [Number(n), count])).toEqual([
    [1, 2],
    [2, 1],
  ])
})

test('with nothing new there is no block and no line', async () => {
  const before = heads()
  await ledger.seal()
  expect(heads()).toBe(before)
})

test('a line that was cut off is taken away, and the head is written again', async () => {
  const before = heads()
  appendFileSync(ledger.headFile, '{"at":"2026-')
  await ledger.seal()
  expect(heads()).toBe(before)
  writeFileSync(ledger.headFile, before.slice(0, -5))
  await ledger.seal()
  expect(heads()).toBe(before)
  expect(await ledger.findings()).toEqual([])
})

test.each([
  ['an amount', `UPDATE ledger.entry SET amount = amount * 2 WHERE tx = (SELECT min(tx) FROM ledger.entry)`],
  ['both sides of a posting', 'UPDATE ledger.entry SET amount = amount * 2'],
  [
    'whose line it is',
    `UPDATE ledger.entry SET account = (SELECT id FROM ledger.account WHERE code = 'manual') WHERE amount = -10`,
  ],
  ['whose account it is', `UPDATE ledger.account SET code = 'customer:eve' WHERE code = 'customer:ben'`],
  ['when it was', `UPDATE ledger.tx SET effective_at = effective_at + interval '1 microsecond'`],
  ['what is noted', `UPDATE ledger.tx SET note = 'ten lines' WHERE note IS NOT NULL`],
  ['what it is of', `UPDATE ledger.tx SET kind = 'gift'`],
  ['a balance', `UPDATE ledger.account SET balance = balance + 1 WHERE code = 'customer:ann'`],
  ['what is held', `UPDATE ledger.account SET held = 0`],
  ['a hold', `DELETE FROM ledger.open_hold`],
  [
    'a transaction that is gone',
    `DELETE FROM ledger.sealed WHERE block = 2; DELETE FROM ledger.entry WHERE tx = (SELECT max(id) FROM ledger.tx); DELETE FROM ledger.tx WHERE id = (SELECT max(id) FROM ledger.tx); UPDATE ledger.account SET balance = 0, version = 0 WHERE code = 'customer:ben'`,
  ],
  ['a block', `DELETE FROM ledger.sealed WHERE block = 1; DELETE FROM ledger.block WHERE n = 1`],
  ['a hash', `UPDATE ledger.block SET hash = sha256(hash) WHERE n = 2`],
])('an owner who changes %s is found', async (_, statements) => {
  await edit(statements)
  const findings = await ledger.findings()
  expect(findings.length).toBeGreaterThan(0)
})

test('an owner who computes the whole chain anew is found by what stands outside', async () => {
  await forge()
  expect((await ledger.findings()).filter(text => !text.includes(ledger.headFile))).toEqual([])
  await edit(`UPDATE ledger.tx SET note = 'another story' WHERE note IS NOT NULL`)
  await forge()
  const findings = await ledger.findings()
  expect(findings).toHaveLength(2)
  expect(findings[0]).toContain('Block 1 is another: ')
})

test('an owner who takes the end of the chain away is found by what stands outside', async () => {
  await edit(`DELETE FROM ledger.sealed WHERE block = 2; DELETE FROM ledger.block WHERE n = 2;
    INSERT INTO ledger.unsealed SELECT id FROM ledger.tx WHERE id NOT IN (SELECT tx FROM ledger.sealed)`)
  expect(await ledger.findings()).toEqual([expect.stringContaining('Block 2 is missing: ')])
})

test('a trigger that is switched off, or gone, is found before anything was done', async () => {
  await database.query('ALTER TABLE ledger.entry DISABLE TRIGGER no_change')
  expect(await ledger.findings()).toEqual(['The trigger no_change of ledger.entry does not watch all that is done.'])
  await database.query('ALTER TABLE ledger.entry ENABLE TRIGGER no_change')
  expect(await ledger.findings()).toHaveLength(1)
  await database.query('ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER no_change')
  expect(await ledger.findings()).toEqual([])
})

test('of many transactions each is sealed once, by whoever seals at the same time', async () => {
  await Promise.all(Array.from({ length: 60 }, (_, at) => ledger.give(`customer:c${at}`, 1n)))
  await Promise.all([1, 2, 3].map(() => database.query('SELECT ledger.seal(7, now())')))
  await ledger.seal()
  expect(await database.query('SELECT FROM ledger.unsealed')).toEqual([])
  expect(await ledger.findings()).toEqual([])
})
