// The SQL of machines that are nobody's yet. Nothing here decides anything.

import { type Kysely, sql, type Transaction } from 'kysely'
import type { MachineRow, NewOwnedRow, Tables } from '../db/tables.ts'

/** What one that is made ahead has to be, so that it stands for a machine that is asked for. */
export interface WarmFit extends Pick<MachineRow, 'provider' | 'template' | 'region' | 'size'> {
  /** What one that were made now would be made of, and whose tokens it would take. */
  form: string
  issuer: string
  madeAfter: Date
}

/** The stage of one that rests until it is claimed. */
export const warmStage = 'warm'

/** Of several requests with one key, one at a time gets past this, until its transaction ends. */
export async function lockRequest(trx: Transaction<Tables>, account: string, key: string): Promise<void> {
  const lock = sql`SELECT pg_advisory_xact_lock(hashtext('machine.create'), hashtext(${`${account} ${key}`}))`
  await lock.execute(trx)
}

/** The oldest that fits and that nobody else is about to claim: it is this transaction's until that ends. */
export async function lockWarm(trx: Transaction<Tables>, fit: WarmFit): Promise<string | undefined> {
  const row = await trx
    .selectFrom('machine')
    .select('id')
    .where('account_id', 'is', null)
    .where('state', '=', 'provisioning')
    .where('stage', '=', warmStage)
    .where('wanted', '=', 'running')
    .where('provider', '=', fit.provider)
    .where('template', '=', fit.template)
    .where('region', 'is not distinct from', fit.region)
    .where('size', 'is not distinct from', fit.size)
    .where('pool_form', '=', fit.form)
    .where('issuer', '=', fit.issuer)
    .where('created_at', '>', fit.madeAfter)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row?.id
}

/** Gives one to its owner as if it had just been asked for; undefined when it is somebody's by now. */
export async function giveUnclaimed(trx: Transaction<Tables>, row: NewOwnedRow): Promise<MachineRow | undefined> {
  const { id, account_id, name, price_cents, price_currency, request_key, request_hash, created_at, updated_at } = row
  return trx
    .updateTable('machine')
    .set({ account_id, name, price_cents, price_currency, request_key, request_hash, created_at, updated_at })
    .set({ stage: 'telling it whose it is', version: sql<number>`version + 1` })
    .where('id', '=', id)
    .where('account_id', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** All of a provider that are nobody's and not about to end, oldest first. */
export async function listUnclaimed(db: Kysely<Tables>, provider: MachineRow['provider']): Promise<MachineRow[]> {
  return db
    .selectFrom('machine')
    .selectAll()
    .where('account_id', 'is', null)
    .where('provider', '=', provider)
    .where('state', 'not in', ['terminating', 'terminated'])
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** One of them, until the transaction ends; undefined when it is somebody's, about to be, or about to end. */
export async function lockUnclaimed(trx: Transaction<Tables>, id: string): Promise<MachineRow | undefined> {
  return trx
    .selectFrom('machine')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', 'is', null)
    .where('state', 'not in', ['terminating', 'terminated'])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
}

/** How many machines of a provider people asked for since then. */
export async function countAsked(db: Kysely<Tables>, provider: MachineRow['provider'], since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('machine')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('account_id', 'is not', null)
    .where('provider', '=', provider)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}
