import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { listLapsed, releaseLease, renewLeases, takeLease } from './lease.ts'
import { findMachine } from './store.ts'
import { putMachine } from './test-ports.ts'

const a = { owner: 'backend_a', ms: 60_000 }
const b = { owner: 'backend_b', ms: 60_000 }
let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(() => emptyTables(database))
afterAll(() => database.close())

const take = (id: string, lease: typeof a, now = 0) => takeLease(database.db, id, lease, now)
const row = async (id: string) => (await findMachine(database.db, id)) ?? expect.fail('it is gone')

test('of many that want a machine at once one gets it, and the others once it is given back', async () => {
  const { id } = await putMachine(database)
  const owners = Array.from({ length: 8 }, (_, i) => ({ ...a, owner: `backend_${i}` }))
  const took = await Promise.all(owners.map(each => take(id, each)))
  expect(took.filter(Boolean)).toHaveLength(1)
  const owner = owners[took.indexOf(true)] ?? a
  await releaseLease(database.db, id, b)
  expect(await take(id, b)).toBe(false)
  await releaseLease(database.db, id, owner)
  expect(await take(id, b)).toBe(true)
})

test('what is renewed in time stays; what is not goes to another, as a new version', async () => {
  const { id, version } = await putMachine(database)
  expect(await take(id, { ...a, ms: -1 })).toBe(true)
  expect(await listLapsed(database.db)).toEqual([id])
  await renewLeases(database.db, a)
  expect(await listLapsed(database.db)).toEqual([])
  expect(await take(id, b)).toBe(false)
  expect((await row(id)).version).toBe(version)
  await renewLeases(database.db, { ...a, ms: -1 })
  expect(await take(id, b)).toBe(true)
  expect(await row(id)).toMatchObject({ version: version + 1, lease_owner: b.owner })
  await renewLeases(database.db, a)
  await releaseLease(database.db, id, a)
  expect((await row(id)).lease_owner).toBe(b.owner)
})

test('the clock of a backend ends nobody’s lease', async () => {
  const { id } = await putMachine(database)
  await take(id, a)
  expect(await take(id, b, Date.now() + 86_400_000)).toBe(false)
})

test('taken over, a create without an answer counts as sent now; one that was answered, and one nobody cut off, do not', async () => {
  const sent = new Date(1_000)
  const open = await putMachine(database, { create_sent_at: sent })
  const answered = await putMachine(database, { create_sent_at: sent, provider_ref: 'r1' })
  const free = await putMachine(database, { create_sent_at: sent })
  for (const { id } of [open, answered]) await take(id, { ...a, ms: -1 })
  for (const { id } of [open, answered, free]) expect(await take(id, b, 9_000)).toBe(true)
  expect((await row(open.id)).create_sent_at).toEqual(new Date(9_000))
  for (const { id } of [answered, free]) expect((await row(id)).create_sent_at).toEqual(sent)
})

test('a backend that could not give a lease back takes it again', async () => {
  const { id } = await putMachine(database)
  await take(id, a)
  expect(await take(id, a)).toBe(true)
})
