import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { showGateway } from './show-gateway.ts'
import { keepGateway } from './store.ts'
import { gatewayMs } from './times.ts'

const at = Date.parse('2026-01-01T00:00:00Z')
const address = { host: 'spoq.test', port: 22 }
const told = { ...address, others: [] }
let database: Database

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())
beforeEach(() => emptyTables(database))

const show = (now = at, addresses = [address]) => showGateway({ db: database.db, addresses, now: () => now })
const tell = (authority: string, hostKey: string, time = at) =>
  keepGateway(database.db, { authority, hostKey }, new Date(time))

test('people are led nowhere until a gateway has told by which key it is known', async () => {
  expect(await show()).toBeNull()
  await tell('CA', 'HOST')
  expect(await show()).toEqual({ ...told, hostKeys: ['HOST'] })
  expect(await show(at, [])).toBeNull()
  const other = { host: 'two.spoq.test', port: 2222 }
  expect(await show(at, [address, other])).toEqual({ ...told, others: [other], hostKeys: ['HOST'] })
})

test('all gateways may answer there, each key once; one that is gone for a week is believed no longer', async () => {
  await tell('CA', 'OLD', at - gatewayMs - 1)
  await tell('CB', 'TWO')
  await tell('CC', 'ONE')
  await tell('CD', 'ONE')
  expect(await show()).toEqual({ ...told, hostKeys: ['ONE', 'TWO'] })
})
