// A PostgreSQL server, 15 or newer, which several backends may use at once. Its address holds a password: nothing here
// repeats it.

import { createHash } from 'node:crypto'
import { SpoqError } from '@spoq/contracts/problem'
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'
import type { Database, WrapDialect } from './open.ts'
import type { Tables } from './tables.ts'

/** Opens a pool on a PostgreSQL and asks it once, so that a wrong address is known at start. */
export async function openPostgres(url: string, wrap: WrapDialect = dialect => dialect): Promise<Database> {
  const options = { connectionString: url, application_name: 'spoq', connectionTimeoutMillis: 5_000, keepAlive: true }
  const pool = new pg.Pool({ ...options, max: 10, types })
  quiet(pool)
  await assertUsable(pool).catch(async error => {
    await pool.end()
    throw error
  })
  return {
    engine: 'postgres',
    db: new Kysely<Tables>({ dialect: wrap(new PostgresDialect({ pool: plainSpoken(pool) })) }),
    boss: { ...options, max: 4 },
    query: async <Row>(sql: string, params?: unknown[]) => {
      const results = [await pool.query(sql, params)].flat()
      return (results.at(-1)?.rows ?? []) as Row[]
    },
    locked: (name, work) =>
      withClient(options, async client => {
        await client.query('SELECT pg_advisory_lock($1)', [lockKey(name)])
        return work()
      }),
    unlessLocked: (name, work) =>
      withClient(options, async client => {
        const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS mine', [lockKey(name)])
        if (rows[0]?.mine) await work()
        return Boolean(rows[0]?.mine)
      }),
    isAway: () =>
      pool.query('SELECT 1').then(
        () => false,
        () => true,
      ),
    close: () => pool.end(),
  }
}

/** int8 as numbers, as the embedded one has them: what we count is far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)),
}

/** A connection that is lost is an error of the query on it, or of nobody: without a listener it would end the process. */
function quiet(pool: pg.Pool): void {
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
}

/** The same pool, of which a lost connection is `unavailable` like all else that is away for a while. */
function plainSpoken(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch(away)
      const query = (sql: string, params: unknown[]) =>
        client.query(sql, params).catch(error => (isLost(error) ? away(error) : Promise.reject(error)))
      return { query: query as never, release: client.release }
    },
  }
}

/** What PostgreSQL says itself has a code: of class 08 and 57P of connections that end, 53 when it has none left. */
function isLost(error: Error & { code?: string }): boolean {
  if (error instanceof pg.DatabaseError) return /^(08|57P|53)/.test(error.code ?? '')
  return /^E[A-Z]+$/.test(error.code ?? '') || /^(Connection|Client has|timeout)/.test(error.message)
}

function away(cause: unknown): never {
  const message = 'The database does not answer.'
  throw new SpoqError('unavailable', { cause, message, next: 'Try again in a few seconds.', retryAfter: 2 })
}

/** A connection of its own: an advisory lock lives as long as that, and must not sit in the pool. */
async function withClient<T>(options: pg.ClientConfig, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(options)
  client.on('error', () => {})
  await client.connect().catch(away)
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/** PostgreSQL's locks have numbers; others that use the same database hardly have the same. */
const lockKey = (name: string) => createHash('sha256').update(`spoq ${name}`).digest().readBigInt64BE()

async function assertUsable(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query('SHOW server_version_num').catch(unusable)
  if (Number(rows[0].server_version_num) >= 150_000) return
  throw new SpoqError('config_invalid', { message: 'DATABASE_URL: PostgreSQL 15 or newer is needed' })
}

/** What the server says of a login it refuses names the user or the database, never the password. */
function unusable(cause: Error & { code?: string }): never {
  if (/^(28|3D)/.test(cause.code ?? ''))
    throw new SpoqError('config_invalid', { cause, message: `DATABASE_URL: ${cause.message}` })
  throw new SpoqError('unavailable', {
    cause,
    message: `PostgreSQL does not answer (${cause.code ?? cause.message}).`,
    next: 'Start it, or correct DATABASE_URL, then start this again.',
  })
}
