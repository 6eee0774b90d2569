// For tests: a database whose process ends at any of its awaits, before or after that had its effect.

import type { DatabaseConnection, Dialect, Driver } from 'kysely'
import type { WrapDialect } from './open.ts'

export interface Mortal {
  wrap: WrapDialect
  /** Anything else that is awaited, so that it counts too. */
  around<T>(work: () => Promise<T>): Promise<T>
  /** From now on: so many awaits until it ends, and whether the last one has its effect. After it nothing works any more. */
  arm(left: number, effect: boolean): void
  /** It is well again; whether it had ended. */
  revive(): boolean
}

/** Statements and commits count; a transaction that was open at the end is rolled back, as the server does it. */
export function mortal(): Mortal {
  const state = { left: Number.POSITIVE_INFINITY, effect: false, dead: false }

  async function around<T>(work: () => Promise<T>): Promise<T> {
    if (state.dead) throw new Error('dead')
    if (state.left-- > 0) return work()
    state.dead = true
    if (state.effect) await work()
    throw new Error('dead')
  }

  const wrapDriver = (driver: Driver) => {
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
      commitTransaction: (connection: DatabaseConnection) => around(() => driver.commitTransaction(ownOf(connection))),
      rollbackTransaction: (connection: DatabaseConnection) => driver.rollbackTransaction(ownOf(connection)),
    })
  }

  return {
    around,
    wrap: (dialect: Dialect) => replacing(dialect, { createDriver: () => wrapDriver(dialect.createDriver()) }),
    arm: (left, effect) => void Object.assign(state, { left, effect, dead: false }),
    revive() {
      const { dead } = state
      Object.assign(state, { left: Number.POSITIVE_INFINITY, dead: false })
      return dead
    },
  }
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
