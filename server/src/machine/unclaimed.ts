// The SQL of machines that are nobody's yet. Nothing here decides anything.

import { type Kysely, type QueryCreator, sql, type Transaction } from 'kysely'
import { type NewRecord, recordOf } from '../audit/record.ts'
import type { MachineRow, NewOwnedRow, Tables } from '../db/tables.ts'
import { takeNameFor } from '../name/store.ts'
import { endOf, type Lease } from './lease.ts'

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
  await sql`SELECT ${requestLock(account, key)}`.execute(trx)
}

const requestLock = (account: string, key: string) =>
  sql`pg_advisory_xact_lock(hashtext('machine.create'), hashtext(${`${account} ${key}`}))`

/** The oldest that fits and that nobody else is about to claim: it is this transaction's until that ends. */
export async function lockWarm(trx: Transaction<Tables>, fit: WarmFit): Promise<string | undefined> {
  return (await oldestWarm(trx, fit).executeTakeFirst())?.id
}

const oldestWarm = (db: QueryCreator<Tables>, fit: WarmFit) =>
  db
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

/** Gives one to its owner as if it had just been asked for; undefined when it is somebody's by now. */
export async function giveUnclaimed(trx: Transaction<Tables>, row: NewOwnedRow): Promise<MachineRow | undefined> {
  return trx
    .updateTable('machine')
    .set(asGiven(row))
    .where('id', '=', row.id)
    .where('account_id', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/**
 * All of a claim in one statement: the oldest that fits, which nobody else is about to claim, its name, its owner and its audit
 * record; who claims works on it from then on, unless somebody does already. Undefined where there is none or the name is not
 * to be had: then nothing has changed.
 * @throws DatabaseError `23505` when the request made one already.
 */
export async function claimWarm(
  db: Kysely<Tables>,
  row: NewOwnedRow,
  fit: WarmFit,
  lease: Lease,
  by: Omit<NewRecord, 'resource'>,
  now: number,
): Promise<MachineRow | undefined> {
  const at = row.created_at as Date
  const turn = row.request_key ? requestLock(row.account_id, row.request_key) : sql`1`
  return (
    db
      // Before a machine is chosen: a request that comes twice at once waits for its other self.
      .with('turn', () => sql<{ one: number }>`(select 1 as "one" from (select ${turn}) as "taken")`)
      .with('warm', part => oldestWarm(part as never, fit).where(sql<boolean>`(select "one" from "turn") = 1`))
      .with('named', () => takeNameFor('warm', row.name, row.account_id, at))
      .with('given', part =>
        part
          .updateTable('machine')
          .from('named')
          .set(asGiven(row))
          .set({
            lease_owner: sql<string>`coalesce(machine.lease_owner, ${lease.owner})`,
            lease_until: sql<Date>`coalesce(machine.lease_until, ${endOf(lease)})`,
          })
          .whereRef('machine.id', '=', 'named.id')
          .where('account_id', 'is', null)
          .returningAll('machine'),
      )
      .with('told', () => recordOf('given', by, now))
      .selectFrom('given')
      .selectAll()
      .executeTakeFirst() as Promise<MachineRow | undefined>
  )
}

const asGiven = (row: NewOwnedRow) => {
  const { account_id, name, price_cents, price_currency, request_key, request_hash, created_at, updated_at } = row
  const named = { account_id, name, price_cents, price_currency, request_key, request_hash, created_at, updated_at }
  return { ...named, stage: 'telling it whose it is', version: sql<number>`machine.version + 1` }
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
