// For tests on a PostgreSQL: databases that come and go on a server that the test run started.

import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from './migrate.ts'
import type { Database, WrapDialect } from './open.ts'
import { openPostgres } from './postgres.ts'

/** A migrated, empty database on a server; closing it drops it. */
export async function testPostgres(server: string, wrap?: WrapDialect): Promise<Database> {
  const { url, drop } = await emptyPostgres(server, await template(server))
  const database = await openPostgres(url, wrap)
  const close = async () => {
    await database.close()
    await drop()
  }
  return { ...database, close }
}

/** A database with nothing in it, or a copy of another. */
export async function emptyPostgres(server: string, of = 'template0') {
  const name = `spoq_test_${randomBytes(8).toString('hex')}`
  await onServer(server, ({ query }) => query(`CREATE DATABASE ${name} TEMPLATE ${of}`))
  return {
    url: at(server, name),
    drop: () => onServer(server, ({ query }) => query(`DROP DATABASE ${name} WITH (FORCE)`)),
  }
}

/** Migrated once for each state of the migrations; all others are copies of it. */
async function template(server: string): Promise<string> {
  const name = `spoq_template_${migrationsHash()}`
  await onServer(server, ({ locked, query }) =>
    locked('template', async () => {
      const there = await query('SELECT FROM pg_database WHERE datname = $1', [name])
      if (there.length > 0) return
      await query(`CREATE DATABASE ${name}_new`)
      const database = await openPostgres(at(server, `${name}_new`))
      await migrate(database.db)
      await database.close()
      await query(`ALTER DATABASE ${name}_new RENAME TO ${name}`)
    }),
  )
  return name
}

/** Another one for each change of a migration, of their list, and of what they are written with. */
export function migrationsHash(): string {
  const folder = join(import.meta.dirname, 'migrations')
  const files = readdirSync(folder).map(name => join(folder, name))
  const hash = createHash('sha256')
  for (const file of [...files.sort(), ...['migrate.ts', 'frozen-sql.ts'].map(name => join(import.meta.dirname, name))])
    hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

async function onServer(server: string, work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = await openPostgres(server)
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

function at(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
