import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as tick } from 'node:timers/promises'
import { SpoqError } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, type EventLog, openDatabase, openLog, type Stored } from './index.ts'

let folder: string
let database: Database
let log: EventLog
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spoq-log-'))
  database = openDatabase(join(folder, 'log.sqlite'))
  log = openLog(database, () => 0)
})
afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

const ids = (events: readonly Stored[]) => events.map(({ id }) => id)

async function take(events: AsyncIterable<Stored>, count: number): Promise<Stored[]> {
  const taken: Stored[] = []
  for await (const event of events) if (taken.push(event) === count) break
  return taken
}

test('ids count from 1 in each stream, whatever is appended to others', () => {
  log.append('a', 'turn', [{ n: 1 }, { n: 2 }])
  log.append('b', null, [{ n: 3 }])
  log.append('a', null, [{ n: 4 }])
  expect(log.read('a', 0)).toEqual([
    { id: 1, at: '1970-01-01T00:00:00.000Z', turn: 'turn', body: { n: 1 } },
    { id: 2, at: '1970-01-01T00:00:00.000Z', turn: 'turn', body: { n: 2 } },
    { id: 3, at: '1970-01-01T00:00:00.000Z', turn: null, body: { n: 4 } },
  ])
  expect(ids(log.read('b', 0))).toEqual([1])
  expect([log.lastId('a'), log.lastId('b'), log.lastId('none')]).toEqual([3, 1, 0])
})

test('what was appended is there after the file is opened again', () => {
  log.append('a', null, [{ n: 1 }])
  database.close()
  database = openDatabase(join(folder, 'log.sqlite'))
  log = openLog(database, () => 0)
  expect(log.read('a', 0).map(({ body }) => body)).toEqual([{ n: 1 }])
})

test('an append inside a transaction that fails is not there, and wakes nobody', async () => {
  const follower = log.follow('a', 0, new AbortController().signal)
  const first = follower.next()
  expect(() =>
    database.transaction(() => {
      log.append('a', null, [{ lost: true }])
      throw new Error('no')
    }),
  ).toThrow('no')
  log.append('a', null, [{ kept: true }])
  expect((await first).value).toMatchObject({ id: 1, body: { kept: true } })
  await follower.return(undefined)
})

// Catches: a gap between history and live (looking and waiting in different ticks), an event given twice (reading from
// `after` again), a page boundary that skips (`>=` for `>`), and a waker that is lost when a second reader comes.
test('readers who begin anywhere and read at any pace get every event after that, once and in order', async () => {
  let streams = 0
  const readers = fc.array(fc.record({ after: fc.nat(30), pause: fc.nat(3) }), { minLength: 1, maxLength: 4 })
  const appends = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(readers, appends, async (reading, batches) => {
      const stream = `stream ${streams++}`
      const total = batches.reduce((sum, count) => sum + count, 0)
      const reads = reading.map(async ({ after, pause }) => {
        const expected = Array.from({ length: Math.max(0, total - after) }, (_, index) => after + index + 1)
        const seen: number[] = []
        if (expected.length === 0) return
        for await (const { id } of log.follow(stream, after, new AbortController().signal)) {
          seen.push(id)
          if (id % 50 === 0) for (let wait = 0; wait < pause; wait++) await tick()
          if (id >= total) break
        }
        expect(seen).toEqual(expected)
      })
      for (const count of batches) {
        log.append(
          stream,
          null,
          Array.from({ length: count }, (_, n) => ({ n })),
        )
        await tick()
      }
      await Promise.all(reads)
    }),
    { numRuns: 30 },
  )
})

test('a reader ends with its signal, and with the log', async () => {
  const controller = new AbortController()
  const one = take(log.follow('a', 0, controller.signal), 9)
  const other = take(log.follow('a', 0, new AbortController().signal), 9)
  log.append('a', null, [{}])
  await tick()
  controller.abort()
  expect(ids(await one)).toEqual([1])
  log.close()
  expect(ids(await other)).toEqual([1])
})

test('a reader whose signal ends by one of our errors is told', async () => {
  const controller = new AbortController()
  const reading = take(log.follow('a', 0, controller.signal), 1)
  controller.abort(new SpoqError('disk_full'))
  await expect(reading).rejects.toMatchObject({ code: 'disk_full' })
})

test('on a full disk the append is refused whole, and what stood before stands', () => {
  database.sql.exec('PRAGMA max_page_count = 40')
  const text = 'x'.repeat(10_000)
  let appended = 0
  const fill = () => {
    for (;;) appended += log.append('a', null, [{ text }, { text }]).length
  }
  expect(fill).toThrow(expect.objectContaining({ code: 'disk_full' }))
  expect(appended).toBeGreaterThan(0)
  expect(ids(log.read('a', 0))).toEqual(Array.from({ length: appended }, (_, index) => index + 1))
  database.sql.exec('PRAGMA max_page_count = 400')
  expect(ids(log.append('a', null, [{ text }]))).toEqual([appended + 1])
})

test('a log of a newer Conductor is left alone', () => {
  database.sql.exec('PRAGMA user_version = 999')
  expect(() => openDatabase(join(folder, 'log.sqlite'))).toThrow('newer Conductor')
})
