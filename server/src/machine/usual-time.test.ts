import { afterAll, beforeAll, expect, test } from 'vitest'
import { record } from '../audit/record.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { putMachine } from './test-ports.ts'
import { usualSeconds } from './usual-time.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await emptyTables(database)
})
afterAll(() => database.close())

test('it takes as long as it took the last ones until they first ran, by their median', async () => {
  expect(await usualSeconds(database.db, 'hetzner')).toBeNull()
  for (const [n, seconds] of [60, 90, 4_000].entries()) {
    const { id, created_at } = await putMachine(database, { provider: 'hetzner', created_at: new Date(n * 10_000_000) })
    const ran = (after: number) => {
      const change = { actor: 'reconciler', action: 'machine.state', resource: id, to: 'running' } as const
      const at = created_at.getTime() + after * 1_000
      return database.db.transaction().execute(trx => record(trx, change, at))
    }
    await ran(seconds)
    // It was stopped and started again.
    await ran(seconds + 5_000)
  }
  await putMachine(database, { provider: 'hetzner' })
  expect(await usualSeconds(database.db, 'hetzner')).toBe(90)
  expect(await usualSeconds(database.db, 'vultr')).toBeNull()
})
