import { SpoqError } from '@spoq/contracts/problem'
import { health, readiness } from '@spoq/contracts/status'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Serve } from '../http/serve.ts'

/** A database that takes longer than this serves nobody. */
const patienceMs = 2_000

/** Binds what tells of the backend itself. */
export function registerStatus(serve: Serve, db: Kysely<Tables>): void {
  serve.anyone(health, () => ({ status: 'ok' as const }))
  serve.anyone(readiness, async () => {
    await answers(db)
    return { status: 'ready' as const }
  })
}

async function answers(db: Kysely<Tables>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(reject, patienceMs, new Error('it takes too long'))
  try {
    await Promise.race([sql`SELECT 1`.execute(db), late])
  } catch (cause) {
    throw new SpoqError('unavailable', { cause, message: 'The database does not answer.', retryAfter: 5 })
  } finally {
    clearTimeout(timer)
  }
}
