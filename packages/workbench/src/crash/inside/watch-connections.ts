// Every connection of one incarnation: each statement, begin and commit goes through its gate, and when it was killed its
// connections are dropped, as the database drops those of a process that ended.

import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, TransactionSettings } from 'kysely'
import type { Gate } from './gate.ts'

export interface Connections {
  dialect: Dialect
  /** Rolls back what was begun and gives the connections back; only after the backend was killed. */
  drop(): Promise<void>
}

interface Held {
  real: DatabaseConnection
  /** What was sent last; the database finishes it whoever has gone. */
  busy: Promise<unknown>
  begun: boolean
  /** A statement of the transaction failed, and with it all that follow, as PostgreSQL has it. */
  failed: boolean
  /** What is sent once the transaction is committed. */
  later: CompiledQuery[]
}

/** What stands between a statement and the database; the bench's mutants put something there. */
export type Sending = (
  query: CompiledQuery,
  send: (query: CompiledQuery) => Promise<QueryResult<never>>,
  /** Has it sent once the transaction is committed. */
  later: (query: CompiledQuery) => void,
) => Promise<QueryResult<never>>

export function watchConnections(
  dialect: Dialect,
  gate: Gate,
  sending: Sending = (query, send) => send(query),
): Connections {
  const all = new Set<Held>()
  const driver = dialect.createDriver()
  // With one connection for all there is none to be had, and none that fails: there is a turn to wait for.
  const connect = dialect.createAdapter().supportsMultipleConnections === false ? 'turn' : 'connect'
  const open = new WeakMap<DatabaseConnection, Held>()
  const heldOf = (connection: DatabaseConnection): Held => {
    const held = open.get(connection)
    if (!held) throw new Error('a connection that the gate does not know')
    return held
  }

  const finish = async (held: Held) => {
    if (!all.delete(held)) return
    await held.busy.catch(() => {})
    if (held.begun) await driver.rollbackTransaction(held.real)
    await driver.releaseConnection(held.real)
  }

  const watched: Driver = {
    init: () => driver.init(),
    // What the incarnations share is not theirs to end.
    destroy: async () => {},
    acquireConnection: () =>
      gate.around(connect, async () => {
        const real = await driver.acquireConnection()
        const held: Held = { real, busy: Promise.resolve(), begun: false, failed: false, later: [] }
        all.add(held)
        if (gate.dead) await finish(held)
        const connection = connectionOf(held)
        open.set(connection, held)
        return connection
      }),
    beginTransaction: (connection, settings: TransactionSettings) => {
      const held = heldOf(connection)
      return gate.around('begin', () => busy(held, begin(held, settings)))
    },
    commitTransaction: connection => {
      const held = heldOf(connection)
      return gate.around('commit', () => commit(held))
    },
    rollbackTransaction: connection => {
      const held = heldOf(connection)
      return gate.around('rollback', () => busy(held, rollback(held)))
    },
    // One whose begin was never answered is begun all the same.
    releaseConnection: async connection => {
      if (!gate.dead) await finish(heldOf(connection))
    },
  }

  async function begin(held: Held, settings: TransactionSettings): Promise<void> {
    await driver.beginTransaction(held.real, settings)
    held.begun = true
    held.failed = false
    held.later = []
  }
  async function commit(held: Held): Promise<void> {
    if (held.failed) throw new Error('current transaction is aborted')
    held.begun = false
    await busy(held, driver.commitTransaction(held.real))
    for (const query of held.later.splice(0))
      await gate.around(named(query.sql), () => busy(held, held.real.executeQuery<never>(query)))
  }
  async function rollback(held: Held): Promise<void> {
    if (!held.begun) return
    held.begun = false
    await driver.rollbackTransaction(held.real)
  }

  function connectionOf(held: Held): DatabaseConnection {
    const send = (query: CompiledQuery) => busy(held, held.real.executeQuery<never>(query))
    const later = (query: CompiledQuery) => void held.later.push(query)
    return {
      async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
        if (held.failed && held.begun) throw new Error('current transaction is aborted')
        try {
          return (await gate.around(named(query.sql), () => sending(query, send, later))) as QueryResult<R>
        } catch (error) {
          held.failed = held.begun
          throw error
        }
      },
      streamQuery: () => {
        throw new Error('nothing streams here')
      },
    }
  }

  return {
    dialect: {
      createDriver: () => watched,
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: db => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
    drop: async () => {
      // At once: one may wait for what another holds.
      await Promise.all([...all].map(finish))
    },
  }
}

function busy<T>(held: Held, work: Promise<T>): Promise<T> {
  held.busy = work
  return work
}

/** A statement's name: how it begins, without values. */
export const named = (sql: string) => `sql ${sql.replaceAll(/\s+/g, ' ').replaceAll('"', '').trim().slice(0, 60)}`
