import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { type Jobs, openJobs } from './open.ts'

let database: Database
let jobs: Jobs
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  jobs = await openJobs(database, () => {})
})
afterEach(() => jobs.stop())
afterAll(() => database.close())

const wake = (...machines: string[]) =>
  database.db.transaction().execute(async trx => {
    for (const machine of machines) await jobs.wake(trx, machine)
  })

async function heard(count: number): Promise<string[]> {
  const all: string[] = []
  await jobs.work(machine => all.push(machine))
  for (let i = 0; i < 400 && all.length < count; i++) await sleep(25)
  return all
}

test('several wake-ups before the first is heard are one, for each machine', async () => {
  await wake('mach_a', 'mach_a', 'mach_b')
  await wake('mach_a')
  expect((await heard(2)).sort()).toEqual(['mach_a', 'mach_b'])
})

test('a wake-up after one that was heard is heard again', async () => {
  const all: string[] = []
  await jobs.work(machine => all.push(machine))
  for (const count of [1, 2, 3]) {
    await wake('mach_a')
    for (let i = 0; i < 400 && all.length < count; i++) await sleep(25)
    expect(all).toHaveLength(count)
  }
})

test('the first wake-up of a process does not wait for itself inside its transaction', async () => {
  await jobs.stop()
  jobs = await openJobs(database, () => {})
  await wake('mach_first')
  expect(await heard(1)).toEqual(['mach_first'])
})
