import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { isAdmin } from './is-admin.ts'
import { type AccountTables, keepAccount } from './store.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

test.each([
  ['whose address is on the list and proven', 'Ann@example.com', true, ['ann@example.com'], true],
  ['who did not prove the address', 'ben@example.com', false, ['ben@example.com'], false],
  ['whose address is another', 'cem@example.com', true, ['ann@example.com'], false],
  ['where there is no list', 'dan@example.com', true, [], false],
])('somebody %s', async (_, email, emailVerified, emails, expected) => {
  const db = database.db.withTables<AccountTables>()
  await keepAccount(db, { id: email, email, name: 'Somebody', createdAt: new Date(0), emailVerified })
  expect(await isAdmin(db, emails, email)).toBe(expected)
  expect(await isAdmin(db, emails, 'nobody')).toBe(false)
})
