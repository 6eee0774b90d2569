// Which backends of a PostgreSQL live. They stand behind one address: machines take the tokens of one issuer, and two that
// named themselves differently would have each machine told again and again.

import { SpoqError } from '@spoq/contracts/problem'
import { type Kysely, sql } from 'kysely'
import type { Tables } from './db/tables.ts'
import { type Log, textOf } from './log.ts'
import type { Lease } from './machine/lease.ts'

/**
 * Says that a backend lives at an address, from now on again and again. Answers how to end that.
 * @throws SpoqError `config_invalid` when another lives at another address.
 */
export async function present(
  db: Kysely<Tables>,
  lease: Lease,
  baseUrl: string,
  log: Log,
): Promise<() => Promise<void>> {
  await assertSameAddress(db, baseUrl)
  await say(db, lease, baseUrl)
  let saying = Promise.resolve()
  const timer = setInterval(() => {
    saying = saying
      .then(() => say(db, lease, baseUrl))
      .catch(error => log('error', 'backend.not-present', { error: textOf(error) }))
  }, lease.ms / 3)
  return async () => {
    clearInterval(timer)
    await saying
    // What is not said is over by itself in a while.
    await db
      .deleteFrom('backend')
      .where('id', '=', lease.owner)
      .execute()
      .catch(() => {})
  }
}

async function assertSameAddress(db: Kysely<Tables>, baseUrl: string): Promise<void> {
  await db.deleteFrom('backend').where('until', '<=', sql<Date>`now()`).execute()
  const other = await db.selectFrom('backend').select('base_url').where('base_url', '<>', baseUrl).executeTakeFirst()
  if (!other) return
  throw new SpoqError('config_invalid', {
    message: `BASE_URL: the other backends of this database are reached at ${other.base_url}, this one at ${baseUrl}`,
    next: 'Give all of them the same address, or end the others first.',
  })
}

async function say(db: Kysely<Tables>, { owner: id, ms }: Lease, baseUrl: string): Promise<void> {
  const until = sql<Date>`now() + ${ms} * interval '1 millisecond'`
  await db
    .insertInto('backend')
    .values({ id, base_url: baseUrl, until })
    .onConflict(conflict => conflict.column('id').doUpdateSet({ until }))
    .execute()
}
