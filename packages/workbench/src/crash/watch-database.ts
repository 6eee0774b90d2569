import type { PGlite, Transaction } from '@electric-sql/pglite'
import type { Places } from './places.ts'

/** The same database, with a place around each statement, and around the begin and the commit of each transaction. */
export function watchDatabase(pglite: PGlite, places: Places): PGlite {
  const statements = <T extends Pick<PGlite, 'query' | 'exec'>>(of: T, inTransaction: boolean) => ({
    query: (sql: string, ...rest: unknown[]) => {
      const run = () => (of.query as (...args: unknown[]) => Promise<never>).call(of, sql, ...rest)
      return isNoise(sql, inTransaction) ? run() : places.around(named(sql), run)
    },
    exec: (sql: string, ...rest: unknown[]) => {
      const run = () => (of.exec as (...args: unknown[]) => Promise<never>).call(of, sql, ...rest)
      return isNoise(sql, inTransaction) ? run() : places.around(named(sql), run)
    },
  })
  const transaction = (work: (tx: Transaction) => Promise<unknown>) => {
    places.pass('before begin')
    return pglite
      .transaction(async tx => {
        places.pass('after begin')
        const answer = await work(replacing(tx, statements(tx, true)))
        places.pass('before commit')
        return answer
      })
      .then(answer => {
        places.pass('after commit')
        return answer
      })
  }
  return replacing(pglite, { ...statements(pglite, false), transaction })
}

/** pg-boss asks for work and cleans up all the time; only what our own transactions send to it is part of a verb. */
const isNoise = (sql: string, inTransaction: boolean) => !inTransaction && /pgboss/i.test(sql)

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
