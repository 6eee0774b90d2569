// A rotation is cut off at each of its awaits, before and after it had its effect: the next one carries it through, and in
// between every secret opens.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { mortal } from '../db/test-mortal.ts'
import { open } from './open.ts'
import { rotate } from './rotate.ts'
import { seal } from './seal.ts'
import { countByVersion, testKeys } from './test-keys.ts'

const life = mortal()
const place = { account: 'alice', kind: 'model-key', name: 'anthropic' }
const now = () => 1_000_000
const log = () => {}
let database: Database
beforeAll(async () => {
  database = await testDatabase(life.wrap)
})
afterAll(() => database.close())

/** Whether the work came to its end. */
async function dyingAfter(awaits: number, effect: boolean, work: () => Promise<unknown>): Promise<boolean> {
  life.arm(awaits, effect)
  const done = await work().then(
    () => true,
    () => false,
  )
  life.revive()
  return done
}

// Mutants: wrap in place without a transaction; forget a key in the file before all is wrapped, or before the database knows.
test.each([
  ['before', false],
  ['after', true],
])('ended %s any await of a rotation, every secret opens, and the next one completes it', async (_, effect) => {
  let awaits = 0
  for (let done = false; !done; awaits++) {
    await emptyTables(database, 'secret', 'secret_key')
    const { keys, remove } = testKeys()
    onTestFinished(remove)
    const secrets = { db: database.db, keys, now, log }
    const ids: string[] = []
    for (const text of ['one', 'two', 'three']) ids.push(await seal(secrets, { ...place, text }, async (__, id) => id))
    const mortalKeys = {
      ...keys,
      wrap: (...asked: Parameters<typeof keys.wrap>) => life.around(() => keys.wrap(...asked)),
      unwrap: (...asked: Parameters<typeof keys.unwrap>) => life.around(() => keys.unwrap(...asked)),
    }
    const texts = () => Promise.all(ids.map(id => open(secrets, id, place)))
    const rotating = { ...secrets, database, local: keys }
    done = await dyingAfter(awaits, effect, () => rotate({ ...rotating, keys: mortalKeys }, { forgetOld: true }))
    expect(await texts(), `after ${awaits} awaits`).toEqual(['one', 'two', 'three'])
    const { version } = await rotate(rotating, { forgetOld: true })
    expect(await texts()).toEqual(['one', 'two', 'three'])
    expect(await countByVersion(database.db)).toEqual({ [version]: 3 })
    expect(keys.versions()).toEqual([version])
  }
  expect(awaits).toBeGreaterThan(20)
})
