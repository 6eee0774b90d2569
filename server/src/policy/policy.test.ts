import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { accept, assertAccepted, isAccepted } from './accept.ts'
import { policies } from './table.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const name = 'acceptable-use'
const { version } = policies[name]
let database: Database
let at = 1_000_000
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(() => emptyTables(database))
afterAll(() => database.close())

const accepting = (said = version) => accept({ db: database.db, now: () => at++ }, alice, name, said)

test('it is accepted once, by who said so, and the audit has it once', async () => {
  await expect(assertAccepted(database.db, 'alice', name)).rejects.toMatchObject({ code: 'policy_unaccepted' })
  const first = await accepting()
  expect(await Promise.all([accepting(), accepting()])).toEqual([first, first])
  expect([await isAccepted(database.db, 'alice', name), await isAccepted(database.db, 'bob', name)]).toEqual([
    true,
    false,
  ])
  const records = await database.db.selectFrom('audit_record').selectAll().execute()
  expect(records).toEqual([
    expect.objectContaining({ actor: 'account:alice', action: 'policy.accept', to_state: `${name} ${version}` }),
  ])
})

test('only the version that holds now can be accepted, and one of before does not count', async () => {
  await expect(accepting('2020-01-01')).rejects.toMatchObject({ code: 'policy_outdated' })
  await accepting()
  await database.db.updateTable('policy_acceptance').set({ version: '2020-01-01' }).execute()
  expect(await isAccepted(database.db, 'alice', name)).toBe(false)
})
