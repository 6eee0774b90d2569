// For tests: a database of their own. It is embedded and in memory, in a third of a second instead of three; on the server
// at SPOQ_TEST_DATABASE_URL where that is set, so that every test runs on both (`npm run test:engines`).

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { overPglite } from './embedded.ts'
import { migrate } from './migrate.ts'
import type { Database, WrapDialect } from './open.ts'
import { emptyPostgres, migrationsHash, testPostgres } from './test-postgres.ts'

/** A migrated, empty database, gone once it is closed. */
export async function testDatabase(wrap?: WrapDialect): Promise<Database> {
  const { SPOQ_TEST_DATABASE_URL: server } = process.env
  return server ? testPostgres(server, wrap) : testEmbedded(wrap)
}

/** A place for a backend's own database: empty, and nobody else's. */
export async function testPlace(): Promise<{ url: string | null; drop: () => Promise<void> }> {
  const { SPOQ_TEST_DATABASE_URL: server } = process.env
  return server ? emptyPostgres(server) : { url: null, drop: async () => {} }
}

async function testEmbedded(wrap?: WrapDialect): Promise<Database> {
  return overPglite(await PGlite.create({ loadDataDir: await migratedDatabase() }), wrap)
}

const machines = ['machine', 'claimed_name', 'machine_task', 'machine_domain', 'connection', 'pool_limits']
const money = [
  'account_plan',
  'policy_acceptance',
  'stripe_customer',
  'webhook',
  'stale',
  'subscription',
  'subscription_claim',
  'model_credit',
  'model_call',
  'message_count',
]
const credit = ['top_up', 'taken_back', 'prepaid', 'credit_standing']
const waysIn = ['profile', 'device', 'proven_key', 'ssh_gateway', 'machine_ssh', 'ssh_session', 'ssh_question']
const own = [...machines, ...money, ...credit, ...waysIn, 'audit_record']

/** Takes every row away, the immutable ones too; for between two tests. */
export async function emptyTables({ query }: Database, ...tables: string[]): Promise<void> {
  const names = [...own, ...tables]
  const each = (change: string) => names.map(name => `ALTER TABLE ${name} ${change} TRIGGER USER;`).join('')
  await query(`${each('DISABLE')} TRUNCATE ${names.join(', ')} CASCADE; ${each('ENABLE')}`)
}

/** Making one takes most of the time, so it is made once for each state of the migrations and kept beside the packages. */
async function migratedDatabase(): Promise<Blob> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const version = createHash('sha256')
    .update(readFileSync(join(dirname(entry), 'pglite.wasm')))
    .digest('hex')
  const folder = join(dirname(entry), '../../../.cache/spoq')
  const file = join(folder, `database-${version.slice(0, 16)}-${migrationsHash()}.tar`)
  try {
    return new Blob([readFileSync(file)])
  } catch {
    const pglite = await PGlite.create()
    await migrate(overPglite(pglite).db)
    const dump = await pglite.dumpDataDir('none')
    await pglite.close()
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${file}.${process.pid}`, Buffer.from(await dump.arrayBuffer()))
    renameSync(`${file}.${process.pid}`, file)
    return dump
  }
}
