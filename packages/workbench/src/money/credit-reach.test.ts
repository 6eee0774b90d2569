// How far credit reaches: charged by the day, warned of, suspended at none, and let go on.

import { prepaidOf } from '@spoq/server/credit/prepaid'
import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { emptyLedger } from '@spoq/server/ledger/test-ledger'
import { move } from '@spoq/server/machine/move'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type CreditWorld, day, openCreditWorld } from './credit-world.ts'

let database: Database
let world: CreditWorld
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  await emptyLedger(database)
  world = await openCreditWorld(database)
})
afterEach(async () => {
  expect(await world.findings()).toEqual([])
  expect(world.shop.invalid).toEqual([])
  await world.stop()
})
afterAll(() => database.close())

const subjects = () => world.mails.map(({ subject }) => subject).filter(subject => !subject.startsWith('Receipt'))

test('each day that is over is charged once, and each step down is told once', async () => {
  await world.buy(1_000)
  const machine = await world.prepaid(1)
  await world.settle()
  expect([await world.available(), subjects()]).toEqual([10, []])
  const told: string[][] = []
  for (let days = 0; days < 12; days++) {
    await world.pass(day)
    await world.settle()
    told.push(subjects().slice(told.flat().length))
  }
  const [week, last, none] = [
    'Your Spoq credit lasts for a week at most',
    'Your Spoq credit lasts for a day',
    'Your Spoq credit is used up',
  ]
  // Ten dollars: seven are left after three days, one after nine, none after ten.
  expect(told).toEqual([[], [], [week], [], [], [], [], [], [last], [none], [], []])
  expect([await world.available(), await world.holds(machine)]).toEqual([0, ['balance']])
  expect((await world.kinds()).filter(kind => kind === 'prepaid')).toHaveLength(10)
})

test('what is paid again goes on, other holds stay, and other machines are left alone', async () => {
  const machine = await world.prepaid(2)
  const own = await world.prepaid(1)
  await database.db.deleteFrom('prepaid').where('machine_id', '=', own).execute()
  await database.db
    .updateTable('machine')
    .set({ holds: '["abuse"]' as never })
    .where('id', '=', machine)
    .execute()
  await world.settle()
  expect([await world.holds(machine), await world.holds(own)]).toEqual([['abuse', 'balance'], []])
  const woken = world.machines.woken.length
  await world.settle()
  expect([world.machines.woken.length, subjects().length]).toEqual([woken, 1])
  await world.buy(2_000)
  expect(await world.holds(machine)).toEqual(['abuse'])
})

test('a machine that is paid from credit while there is none is suspended as well', async () => {
  await world.prepaid(1)
  await world.settle()
  const late = await world.prepaid(1)
  await world.settle()
  expect(await world.holds(late)).toEqual(['balance'])
})

test('a dispute after the money is spent suspends, and what comes then pays that first', async () => {
  const { charge } = await world.buy(2_000)
  const machine = await world.prepaid(1)
  await world.spend(1_000, 'spent-1')
  world.shop.dispute(charge)
  await world.settle()
  await world.settle()
  expect([await world.available(), await world.holds(machine)]).toEqual([-10, ['balance']])
  await world.buy(1_000)
  expect(await world.holds(machine)).toEqual(['balance'])
  await world.buy(1_000)
  expect(await world.holds(machine)).toEqual([])
})

test('days that nobody was there to charge are charged later, each once; several machines together', async () => {
  await world.buy(5_000)
  await world.prepaid(1)
  await world.prepaid(2)
  await world.shop.advance(5 * day)
  await world.settle()
  await world.settle()
  expect([await world.available(), await world.kinds()]).toEqual([35, ['top_up', ...Array(5).fill('prepaid')]])
})

test('a day that was filled and not charged, because of a crash, is charged by the next look', async () => {
  await world.buy(1_000)
  await world.prepaid(1)
  await database.query(
    "INSERT INTO ledger.due (run, account, amount) VALUES ('prepaid.2026-01-01', 'customer:alice', 1000000)",
  )
  await database.query("UPDATE prepaid SET charged_to = '2026-01-01'")
  await world.settle()
  expect(await world.available()).toBe(9)
})

test('a day that could not be paid is not charged for later', async () => {
  await world.prepaid(1)
  await world.pass(2 * day)
  await world.buy(1_000)
  await world.settle()
  expect(await world.available()).toBe(10)
})

test('a machine that ends is paid for no longer', async () => {
  const machine = await world.prepaid(1)
  const row = await database.db.selectFrom('machine').selectAll().where('id', '=', machine).executeTakeFirstOrThrow()
  const cause = { actor: 'owner', by: 'account:alice', action: 'machine.terminate' } as const
  await database.db.transaction().execute(trx => move(trx, row, 'terminating', cause as never, 0))
  expect(await prepaidOf(database.db, 'alice')).toEqual([])
})
