// The SQL of machines that are nobody's yet. Nothing here decides anything.

import { type Kysely, type QueryCreator, sql, type Transaction } from 'kysely'
import { type NewRecord, recordOf } from '../audit/record.ts'
import type { MachineRow, NewOwnedRow, Tables } from '../db/tables.ts'
import { takeNameFor } from '../name/store.ts'
import type { Room } from './allowed.ts'
import { endOf, type Lease } from './lease.ts'
import { countingOf } from './store.ts'

/** What one that is made ahead has to be, so that it stands for a machine that is asked for. */
export interface WarmFit extends Pick<MachineRow, 'provider' | 'template' | 'region' | 'size'> {
  /** What one that were made now would be made of, and whose tokens it would take. */
  form: string
  issuer: string
  madeAfter: Date
}

/** The stage of one that rests until it is claimed. */
export const warmStage = 'warm'

/**
 * Of several requests with one key, and of several of an account whose room or credit is only so much, one at a time gets past this,
 * until its transaction ends. It comes first: who waits here holds no name yet that another waits for.
 */
export async function lockTurn(
  trx: Transaction<Tables>,
  account: string,
  key: string | null | undefined,
  isCounted: boolean,
): Promise<void> {
  const lock = (what: string, which: string) => sql`pg_advisory_xact_lock(hashtext(${what}), hashtext(${which}))`
  const ofRequest = key ? [lock('machine.create', `${account} ${key}`)] : []
  const locks = [...ofRequest, ...(isCounted ? [lock('machine.count', account)] : [])]
  if (locks.length > 0) await sql`SELECT ${sql.join(locks)}`.execute(trx)
}

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
 * record; who claims works on it from then on, unless somebody does already. Undefined where there is none, no room for it, or
 * the name is not to be had: then nothing has changed. After `lockTurn`.
 * @throws DatabaseError `23505` when the request made one already.
 */
export async function claimWarm(
  trx: Transaction<Tables>,
  row: NewOwnedRow,
  fit: WarmFit,
  lease: Lease,
  by: Omit<NewRecord, 'resource'>,
  room: Room | null,
  now: number,
): Promise<MachineRow | undefined> {
  const at = row.created_at as Date
  const counted = room ? countingOf(trx, row.account_id, room.counted) : sql`0`
  return trx
    .with('warm', part => oldestWarm(part as never, fit).where(sql<boolean>`${counted} < ${room?.most ?? 1}::integer`))
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
