import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { hold } from './hold.ts'
import { type OpenLedger, openLedger } from './open.ts'
import { post } from './post.ts'
import { emptyLedger, move, testLedger, unwatched } from './test-ledger.ts'

let database: Database
let time: number
let headFile: string
let logged: { event: string; [field: string]: unknown }[]
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyLedger(database)
  const ledger = testLedger(database)
  headFile = ledger.headFile
  time = ledger.now()
  logged = []
  await ledger.give('customer:ann', 10n)
})
afterAll(() => database.close())

const open = (): OpenLedger =>
  openLedger({
    ...database,
    now: () => time,
    log: (_, event, fields) => logged.push({ event, ...fields }),
    headFile,
    everyMs: 5,
  })
const events = (name: string) => logged.filter(({ event }) => event === name)

test('as it runs, holds end, the chain grows, and its head is written down', async () => {
  const ledger = open()
  await hold(ledger, { key: 'h', account: 'customer:ann', amount: 3n, forMs: 1_000 })
  time += 1_000
  await vi.waitFor(async () => expect(await database.query('SELECT FROM ledger.open_hold')).toEqual([]))
  await vi.waitFor(() => expect(existsSync(headFile)).toBe(true))
  await ledger.stop()
  expect(events('ledger.head')).toEqual(
    [JSON.parse(readFileSync(headFile, 'utf8'))].map(({ block, hash }) => ({ event: 'ledger.head', block, hash })),
  )
  expect(events('ledger.failed')).toEqual([])
})

test('what is wrong is told within the hour, in the log and as a number', async () => {
  const ledger = open()
  await vi.waitFor(() => expect(existsSync(headFile)).toBe(true))
  await database.query(unwatched('UPDATE ledger.account SET balance = balance + 1 WHERE guarded'))
  time += 3_600_000
  await vi.waitFor(() => expect(ledger.wrong()).toBe(1))
  await ledger.stop()
  expect(events('ledger.wrong')).toEqual([
    { event: 'ledger.wrong', finding: expect.stringContaining('customer:ann has a balance of 11') },
  ])
})

test('what was given is posted before it ends', async () => {
  const ledger = open()
  const posts = Array.from({ length: 5 }, (_, at) =>
    post(ledger, { key: `p${at}`, kind: 'usage', lines: move('customer:ann', 'usage', 1n) }),
  )
  await ledger.stop()
  expect((await Promise.all(posts)).map(({ after }) => after['customer:ann'])).toEqual([9n, 8n, 7n, 6n, 5n])
  const late = post(ledger, { key: 'late', kind: 'usage', lines: move('customer:ann', 'usage', 1n) })
  await expect(late).rejects.toMatchObject({ code: 'unavailable' })
})
