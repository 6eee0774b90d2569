// A rotation is cut off at each of its awaits, before and after it had its effect: the next one carries it through, and in
// between every secret opens.

import type { DatabaseConnection, Dialect, Driver } from 'kysely'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { open } from './open.ts'
import { rotate } from './rotate.ts'
import { seal } from './seal.ts'
import { countByVersion, testKeys } from './test-keys.ts'

/** Awaits until the process ends, and whether the last one has its effect; after it nothing works any more. */
const state = { left: Number.POSITIVE_INFINITY, effect: false, dead: false }

async function around<T>(work: () => Promise<T>): Promise<T> {
  if (state.dead) throw new Error('dead')
  if (state.left-- > 0) return work()
  state.dead = true
  if (state.effect) await work()
  throw new Error('dead')
}

/** Statements and commits count; a transaction that was open at the end is rolled back, as the server does it. */
function mortal(dialect: Dialect): Dialect {
  return replacing(dialect, {
    createDriver: () => {
      const driver = dialect.createDriver()
      const own = new WeakMap<DatabaseConnection, DatabaseConnection>()
      const ownOf = (connection: DatabaseConnection) => own.get(connection) ?? connection
      return replacing<Driver>(driver, {
        acquireConnection: async () => {
          const connection = await driver.acquireConnection()
          const watched = replacing<DatabaseConnection>(connection, {
            executeQuery: (query: never, options: never) => around(() => connection.executeQuery(query, options)),
          })
          own.set(watched, connection)
          return watched
        },
        releaseConnection: (connection: DatabaseConnection) => driver.releaseConnection(ownOf(connection)),
        beginTransaction: (connection: DatabaseConnection, settings: never) =>
          driver.beginTransaction(ownOf(connection), settings),
        commitTransaction: (connection: DatabaseConnection) =>
          around(() => driver.commitTransaction(ownOf(connection))),
        rollbackTransaction: (connection: DatabaseConnection) => driver.rollbackTransaction(ownOf(connection)),
      })
    },
  })
}

function replacing<T extends object>(of: T, members: Record<string, unknown>): T {
  return new Proxy(of, {
    get(target, key) {
      if (typeof key === 'string' && key in members) return members[key]
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const place = { account: 'alice', kind: 'model-key', name: 'anthropic' }
const now = () => 1_000_000
const log = () => {}
let database: Database
beforeAll(async () => {
  database = await testDatabase(mortal)
})
afterAll(() => database.close())

/** Whether the work came to its end. */
async function dyingAfter(awaits: number, effect: boolean, work: () => Promise<unknown>): Promise<boolean> {
  Object.assign(state, { left: awaits, effect, dead: false })
  const done = await work().then(
    () => true,
    () => false,
  )
  Object.assign(state, { left: Number.POSITIVE_INFINITY, dead: false })
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
      wrap: (...asked: Parameters<typeof keys.wrap>) => around(() => keys.wrap(...asked)),
      unwrap: (...asked: Parameters<typeof keys.unwrap>) => around(() => keys.unwrap(...asked)),
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
