import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { check } from './check.ts'
import { claim, disclaim } from './claim.ts'
import { keptMs, release } from './release.ts'
import { whereIs } from './where.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(() => emptyTables(database))
afterAll(() => database.close())

const start = 1_000_000_000
const claims = (name: string, account: string, machine: string, now = start) =>
  database.db.transaction().execute(trx => claim(trx, { name, account, machine }, now))
const ends = (machine: string, now: number, name?: string) =>
  database.db.transaction().execute(trx => release(trx, machine, now, name))
const leads = (name: string, now: number) => whereIs(database.db, name, now)

describe('a name', () => {
  test('is one machine’s: of twenty who claim it at once one gets it', async () => {
    const won = await Promise.all(Array.from({ length: 20 }, (_, i) => claims('otter', `account-${i}`, `mach_${i}`)))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await leads('otter', start)).toBe(`mach_${won.indexOf(true)}`)
  })

  test('is kept for its account for 30 days after its machine ended, to the millisecond', async () => {
    await claims('otter', 'ada', 'mach_1')
    await ends('mach_1', start)
    expect(await claims('otter', 'bob', 'mach_2', start + keptMs - 1)).toBe(false)
    expect(await claims('otter', 'bob', 'mach_2', start + keptMs)).toBe(true)
    expect(await leads('otter', start + keptMs)).toBe('mach_2')
  })

  test('goes back to its own account at once', async () => {
    await claims('otter', 'ada', 'mach_1')
    await ends('mach_1', start)
    expect(await claims('otter', 'ada', 'mach_2', start + 1)).toBe(true)
  })

  test('of a renamed machine leads to it for 30 days, and then to nobody', async () => {
    await claims('otter', 'ada', 'mach_1')
    await ends('mach_1', start, 'otter')
    await claims('mole', 'ada', 'mach_1', start)
    expect(await leads('otter', start + keptMs - 1)).toBe('mach_1')
    expect(await leads('otter', start + keptMs)).toBeNull()
    expect(await leads('mole', start + keptMs)).toBe('mach_1')
  })

  test('that was released twice counts from the first time', async () => {
    await claims('otter', 'ada', 'mach_1')
    await ends('mach_1', start)
    await ends('mach_1', start + 5_000)
    expect(await claims('otter', 'bob', 'mach_2', start + keptMs)).toBe(true)
  })

  test('whose claim is undone is free at once', async () => {
    await claims('otter', 'ada', 'mach_1')
    await database.db.transaction().execute(trx => disclaim(trx, 'mach_1', 'otter', start))
    expect(await claims('otter', 'bob', 'mach_2')).toBe(true)
  })

  test('is said to be free, taken, reserved or quarantined, to each account its own way', async () => {
    const why = async (account: string, name: string, now = start) => (await check(database.db, account, name, now)).why
    await claims('otter', 'ada', 'mach_1')
    expect(await why('bob', 'otter')).toBe('taken')
    await ends('mach_1', start)
    expect(await why('bob', 'otter')).toBe('quarantined')
    expect(await why('ada', 'otter')).toBeNull()
    expect(await why('bob', 'otter', start + keptMs)).toBeNull()
    expect(await why('bob', 'www')).toBe('reserved')
    expect(await why('bob', 'mole')).toBeNull()
  })
})
