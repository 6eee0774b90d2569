import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { balance } from './balance.ts'
import { charge } from './charge.ts'
import { hold } from './hold.ts'
import { post } from './post.ts'
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

const asked = { run: '2026-01', onto: 'revenue', kind: 'subscription' }
const fill = (run: string, amounts: Record<string, number>) =>
  database.query(
    `INSERT INTO ledger.due (run, account, amount)
     SELECT $1, 'customer:' || key, value::bigint FROM jsonb_each_text($2::text::jsonb) ON CONFLICT DO NOTHING`,
    [run, JSON.stringify(amounts)],
  )
const states = async () =>
  Object.fromEntries(
    (await database.query<{ account: string; state: string }>('SELECT account, state FROM ledger.due')).map(
      ({ account, state }) => [account.split(':')[1], state],
    ),
  )

test('who has exactly enough is charged, who lacks one is not', async () => {
  for (const [account, amount] of Object.entries({ ann: 5n, ben: 4n, cem: 9n, dan: 6n, eve: 5n }))
    await ledger.give(`customer:${account}`, amount)
  await hold(ledger, { key: 'h', account: 'customer:dan', amount: 2n, forMs: 1_000 })
  await hold(ledger, { key: 'i', account: 'customer:eve', amount: 2n, forMs: 10 })
  ledger.pass(10)
  await fill('2026-01', { ann: 5, ben: 5, cem: 5, dan: 5, eve: 5, fay: 5 })
  expect(await charge(ledger, asked, 2)).toEqual({ charged: 3, short: 3 })
  expect(await states()).toEqual({
    ...{ ann: 'charged', cem: 'charged', eve: 'charged' },
    ...{ ben: 'short', dan: 'short', fay: 'short' },
  })
  expect((await balance(ledger, 'customer:cem')).available).toBe(4n)
  expect(await ledger.findings()).toEqual([])
})

test('a run that is filled and charged again, by several at once, charges each once', async () => {
  const accounts = Array.from({ length: 40 }, (_, at) => `c${at}`)
  await Promise.all(accounts.map(account => ledger.give(`customer:${account}`, 12n)))
  const due = Object.fromEntries(accounts.map(account => [account, 5]))
  await fill('2026-01', due)
  const parts = await Promise.all([1, 2, 3].map(() => charge(ledger, asked, 3)))
  await fill('2026-01', due)
  expect(await charge(ledger, asked)).toEqual({ charged: 0, short: 0 })
  expect(parts.reduce((sum, { charged }) => sum + charged, 0)).toBe(40)
  expect((await balance(ledger, 'customer:c7')).balance).toBe(7n)
  await fill('2026-02', due)
  await charge(ledger, { ...asked, run: '2026-02' })
  expect((await balance(ledger, 'customer:c7')).balance).toBe(2n)
  await ledger.seal()
  expect(await ledger.findings()).toEqual([])
})

test('charging while the same accounts spend keeps every floor', async () => {
  const accounts = Array.from({ length: 10 }, (_, at) => `customer:c${at}`)
  await Promise.all(accounts.map(account => ledger.give(account, 5n)))
  await fill('2026-01', Object.fromEntries(accounts.map(code => [code.split(':')[1], 3])))
  const spent = accounts.map((account, at) =>
    post(ledger, { key: `s${at}`, kind: 'usage', lines: move(account, 'usage', 3n) }).then(
      () => true,
      () => false,
    ),
  )
  const { charged } = await charge(ledger, asked, 2)
  const posted = (await Promise.all(spent)).filter(Boolean).length
  expect(charged + posted).toBe(10)
  expect(await ledger.findings()).toEqual([])
})

test('the keys of charges are nobody else’s, and what goes to no account of the platform is refused', async () => {
  const lines = move('customer:ann', 'card', 1n)
  await expect(post(ledger, { key: 'due:2026-01:customer:ann', kind: 'x', lines })).rejects.toMatchObject({
    code: 'invalid_request',
  })
  await expect(charge(ledger, { ...asked, onto: 'nowhere' })).rejects.toThrow('nowhere')
})
