// The embedded database: PostgreSQL in this very process, its files in the data folder. It has no lock of its own:
// whoever opens it holds the lock of the folder (`main.ts`).

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import { fromPglite } from 'pg-boss'
import type { Database, WrapDialect } from './open.ts'
import type { Tables } from './tables.ts'

/** Opens the database of a data folder and makes it when there is none. */
export async function openEmbedded(dataDir: string, wrap?: WrapDialect): Promise<Database> {
  if (!hasDatabase(dataDir)) await makeDatabase(dataDir)
  return overPglite(await PGlite.create(databaseFolder(dataDir), { startParams }), wrap)
}

/** The same over a PGlite that is open already; closing the one closes the other. */
export function overPglite(pglite: PGlite, wrap: WrapDialect = dialect => dialect): Database {
  return {
    engine: 'embedded',
    db: new Kysely<Tables>({ dialect: wrap(new PGliteDialect({ pglite })) }),
    boss: { db: fromPglite(pglite), backend: 'pglite' },
    query: async <Row>(sql: string, params: unknown[] = []) => {
      if (params.length > 0) return (await pglite.query<Row>(sql, params)).rows
      return ((await pglite.exec(sql)).at(-1)?.rows ?? []) as Row[]
    },
    ...oneAtATime(),
    isAway: async () => false,
    close: () => pglite.close(),
  }
}

/** Only this process is there: whoever opened it holds the lock of the folder. */
function oneAtATime(): Pick<Database, 'locked' | 'unlessLocked'> {
  const working = new Map<string, Promise<unknown>>()
  const begin = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const done = (working.get(name) ?? Promise.resolve()).then(work)
    const settled = done
      .catch(() => {})
      .then(() => {
        if (working.get(name) === settled) working.delete(name)
      })
    working.set(name, settled)
    return done
  }
  return {
    locked: begin,
    unlessLocked: async (name, work) => {
      if (working.has(name)) return false
      await begin(name, work)
      return true
    },
  }
}

export const hasDatabase = (dataDir: string): boolean => existsSync(databaseFolder(dataDir))

/**
 * Makes an empty database in a data folder that has none. Killed in the middle it leaves no half-made one: it is made
 * aside and moved into its place. It takes 200 MB of memory that its process never gives back, so `main.ts` runs it in
 * a process of its own.
 */
export async function makeDatabase(dataDir: string): Promise<void> {
  const server = join(dataDir, 'server')
  mkdirSync(server, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(server)) if (name.startsWith(aside)) rmSync(join(server, name), { recursive: true })
  const making = join(server, `${aside}${process.pid}`)
  await (await PGlite.create(making, { startParams })).close()
  try {
    renameSync(making, databaseFolder(dataDir))
  } catch (error) {
    // Another start that was cut off may have left a child that came first.
    if (!hasDatabase(dataDir)) throw error
    rmSync(making, { recursive: true })
  }
}

const aside = 'db.making-'
const databaseFolder = (dataDir: string) => join(dataDir, 'server', 'db')

/** Its own defaults take 130 MB more for buffers, and lose what was committed when the power fails. */
const settings = ['shared_buffers=16MB', 'wal_buffers=1MB', 'max_connections=8', 'fsync=on']
const startParams = [...PGlite.defaultStartParams, ...settings.flatMap(setting => ['-c', setting])]
