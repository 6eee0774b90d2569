import type { MessageCount } from '@spoq/contracts/message'
import { SpoqError } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { putMachine } from '../machine/test-ports.ts'
import { type MessageCounter, messageCounter } from './count.ts'
import { acknowledge, listTold, takeNumber } from './store.ts'

let database: Database
let counter: MessageCounter
let woken: string[]
let asked: number
/** What a machine says; null: it does not answer. */
let says: MessageCount[] | null
let row: MachineRow

const open = () =>
  messageCounter({
    db: database.db,
    limits: async () => new Map(),
    ask: async () => {
      asked += 1
      if (!says) throw new SpoqError('machine_unreachable')
      return says
    },
    wake: async (_, machine) => void woken.push(machine),
    now: () => Date.parse('2026-11-30T23:59:59Z'),
    log: () => {},
  })

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  woken = []
  asked = 0
  says = null
  counter = open()
  row = await putMachine(database)
  await takeNumber(database.db, row.id, 0, 0)
  await acknowledge(database.db, row.id, 1, 'hash')
})
afterAll(() => database.close())

const of = (month: string, all: number, onCredit = 0): MessageCount => ({ month, all, onCredit })
const tell = (...counts: MessageCount[]) => {
  says = counts
  return counter.count(row)
}
const kept = () => database.query('SELECT month, total, on_credit FROM message_count ORDER BY month')
const isTold = async () => (await listTold(database.db, [row.id]))[0]?.acknowledged === 'hash'

test('the numbers of each month are kept; one that does not answer changes nothing, and is asked again', async () => {
  await counter.count(row)
  expect(await kept()).toEqual([])
  await tell(of('2026-11', 3, 1), of('2026-10', 9))
  await tell(of('2026-11', 4, 1), of('2026-10', 9))
  says = null
  await counter.count(row)
  expect(await kept()).toEqual([
    { month: '2026-10', total: 9, on_credit: 0 },
    { month: '2026-11', total: 4, on_credit: 1 },
  ])
  expect([asked, await isTold()]).toEqual([4, true])
})

test('a month that is still to come, or long over, is not kept', async () => {
  await tell(of('2026-12', 5), of('2031-01', 5), of('2024-01', 5))
  expect(await kept()).toEqual([{ month: '2026-11', total: 0, on_credit: 0 }])
})

test('one that knows of less than it told, as of an older copy of its log, is told what it knew', async () => {
  await tell(of('2026-11', 90))
  await tell(of('2026-11', 10))
  expect(await kept()).toEqual([{ month: '2026-11', total: 90, on_credit: 0 }])
  expect([woken, await isTold()]).toEqual([[row.id], false])
  await tell(of('2026-11', 10))
  expect(woken).toHaveLength(1)
  await tell(of('2026-10', 10))
  expect(woken).toHaveLength(2)
})

// Mutants: add up; take the last; remember what was told though it was not kept.
test('in whatever order reports come, however often, by whichever backend, the greatest is what stands', async () => {
  const report = fc.record({ n: fc.integer({ min: 0, max: 9 }), anew: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 12 }), async reports => {
      row = await putMachine(database)
      for (const { n, anew } of reports) {
        if (anew) counter = open()
        await tell(of('2026-11', n, Math.floor(n / 2)))
      }
      const most = Math.max(...reports.map(({ n }) => n))
      const rows = await database.query('SELECT total, on_credit FROM message_count WHERE machine_id = $1', [row.id])
      expect(rows).toEqual([{ total: most, on_credit: Math.floor(most / 2) }])
    }),
    { numRuns: 30 },
  )
})
