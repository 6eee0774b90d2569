// `mutants.test.ts` shows which changes of the ledger these find.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { commands, obey, together } from './test-laws.ts'
import { type TestLedger, testLedger } from './test-ledger.ts'

let database: Database
let ledger: TestLedger
beforeAll(async () => {
  database = await testDatabase()
  ledger = testLedger(database)
})
afterAll(() => database.close())

test('whatever is asked, at whatever edge: each answer and each balance is what the laws say', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async asked => {
      await obey(ledger, asked)
    }),
    { numRuns: 50 },
  )
  await ledger.seal()
  expect(await ledger.findings()).toEqual([])
})

test('whoever asks at once, through several backends: floors are kept, and all that can happen once does', async () => {
  const other = testLedger(database)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(6), { minLength: 4, maxLength: 30 }), async rounds => {
      await together(ledger, other, rounds)
    }),
    { numRuns: 20 },
  )
})
