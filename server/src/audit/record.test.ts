import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { listRecords } from './list.ts'
import { record } from './record.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await database.db.transaction().execute(async trx => {
    await record(trx, { actor: 'account:a', action: 'machine.create', resource: 'mach_1', to: 'pending' }, 1_000)
    await record(trx, { actor: 'reconciler', action: 'machine.state', resource: 'mach_2', to: 'running' }, 2_000)
    const origin = { address: '::1', agent: 'spoq/1', requestId: 'req_1', credential: 'token_1' }
    await record(trx, { actor: 'account:a', action: 'machine.stop', resource: 'mach_1', origin }, 3_000)
  })
})
afterAll(() => database.close())

test('the records of one thing are listed in order, without those of another', async () => {
  expect(await listRecords(database.db, 'mach_1')).toEqual([
    {
      at: '1970-01-01T00:00:01.000Z',
      actor: 'account:a',
      credential: null,
      action: 'machine.create',
      resource: 'mach_1',
      from: null,
      to: 'pending',
      reason: null,
      requestId: null,
    },
    expect.objectContaining({
      action: 'machine.stop',
      credential: 'token_1',
      requestId: 'req_1',
      from: null,
      to: null,
    }),
  ])
})

test.each(["UPDATE audit_record SET actor = 'nobody'", 'DELETE FROM audit_record', 'TRUNCATE audit_record'])(
  'the database refuses %s',
  async statement => {
    await expect(database.query(statement)).rejects.toThrow('audit_record is append-only')
    expect(await listRecords(database.db, 'mach_1')).toHaveLength(2)
  },
)

test('a record is gone with the transaction that it is in', async () => {
  const failing = database.db.transaction().execute(async trx => {
    await record(trx, { actor: 'system', action: 'a.b', resource: 'mach_3' }, 0)
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  expect(await listRecords(database.db, 'mach_3')).toEqual([])
})
