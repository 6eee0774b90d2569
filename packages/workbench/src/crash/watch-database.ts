import type { CompiledQuery, DatabaseConnection, Dialect, Driver } from 'kysely'
import type { Places } from './places.ts'

/** The same database, with a place around each statement, and around the begin and the commit of each transaction. */
export function watchDialect(dialect: Dialect, places: Places): Dialect {
  return replacing(dialect, { createDriver: () => watchDriver(dialect.createDriver(), places) })
}

/** The driver goes on getting its own connections: it keeps what it needs to know in them. */
function watchDriver(driver: Driver, places: Places): Driver {
  const own = new WeakMap<DatabaseConnection, DatabaseConnection>()
  const ownOf = (connection: DatabaseConnection) => own.get(connection) ?? connection
  return replacing(driver, {
    acquireConnection: async () => {
      const connection = await driver.acquireConnection()
      const watched = watchConnection(connection, places)
      own.set(watched, connection)
      return watched
    },
    releaseConnection: (connection: DatabaseConnection) => driver.releaseConnection(ownOf(connection)),
    beginTransaction: (connection: DatabaseConnection, settings: never) =>
      places.around('begin', () => driver.beginTransaction(ownOf(connection), settings)),
    commitTransaction: (connection: DatabaseConnection) =>
      places.around('commit', () => driver.commitTransaction(ownOf(connection))),
    rollbackTransaction: (connection: DatabaseConnection) => driver.rollbackTransaction(ownOf(connection)),
  })
}

function watchConnection(connection: DatabaseConnection, places: Places): DatabaseConnection {
  return replacing(connection, {
    executeQuery: (query: CompiledQuery) => {
      const run = () => connection.executeQuery(query)
      return isClockwork(query.sql) ? run() : places.around(named(query.sql), run)
    },
  })
}

/** What a backend says and asks every so often while it lives: when that is depends on the clock, not on any verb. */
const isClockwork = (sql: string) =>
  /^(update "machine" set "lease_until" = [^,]* where "lease_owner"|select "id" from "machine" where "lease_until"|insert into "backend")/.test(
    sql,
  )

/** A statement's name: how it begins, without values. */
const named = (sql: string) => `sql ${sql.replaceAll(/\s+/g, ' ').replaceAll('"', '').trim().slice(0, 90)}`

/** The object with some of its members replaced; all others work on the object itself, private fields included. */
export function replacing<T extends object>(of: T, members: Record<string, unknown>): T {
  return new Proxy(of, {
    get(target, key) {
      if (typeof key === 'string' && key in members) return members[key]
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
