// The SQL of models on Spoq credit. Nothing here decides anything.

import type { AccountVendor } from '@spoq/contracts/model-key'
import { type Kysely, sql } from 'kysely'
import type { CallOutcome, ModelCreditRow, Tables } from '../db/tables.ts'

export async function listCredits(db: Kysely<Tables>, accounts: readonly string[]): Promise<ModelCreditRow[]> {
  if (accounts.length === 0) return []
  return db.selectFrom('model_credit').selectAll().where('account_id', 'in', accounts).execute()
}

export const findCredit = async (db: Kysely<Tables>, account: string): Promise<ModelCreditRow | undefined> =>
  (await listCredits(db, [account]))[0]

/** Off and on again is another generation: the tokens of before stay worthless. */
export async function keepCredit(
  db: Kysely<Tables>,
  account: string,
  { on, budget }: { on: boolean; budget: number | null },
  now: number,
): Promise<void> {
  const row = { is_on: on, budget_cents: budget, updated_at: new Date(now) }
  await db
    .insertInto('model_credit')
    .values({ account_id: account, ...row })
    .onConflict(conflict =>
      conflict.column('account_id').doUpdateSet({
        ...row,
        generation: sql`model_credit.generation + CASE WHEN model_credit.is_on AND NOT ${on}::boolean THEN 1 ELSE 0 END`,
      }),
    )
    .execute()
}

export interface NewCall {
  id: string
  account: string
  machine: string
  vendor: AccountVendor
  model: string
  heldMicros: number
}

export async function beginCall(db: Kysely<Tables>, call: NewCall, now: number): Promise<void> {
  const { id, account, machine, vendor, model, heldMicros } = call
  const row = { id, account_id: account, machine_id: machine, vendor, model }
  await db
    .insertInto('model_call')
    .values({ ...row, held_micros: heldMicros, began_at: new Date(now) })
    .execute()
}

export async function endCall(
  db: Kysely<Tables>,
  id: string,
  ended: { input: number; cached: number; output: number; cost: number },
  now: number,
): Promise<void> {
  const { input, cached, output, cost } = ended
  const tokens = { input_tokens: input, cached_tokens: cached, output_tokens: output }
  const outcome: CallOutcome = cost > 0 ? 'paid' : 'free'
  const change = { ...tokens, cost_micros: cost, ended_at: new Date(now), outcome }
  await db.updateTable('model_call').set(change).where('id', '=', id).execute()
}

export type OpenCall = Awaited<ReturnType<typeof listOpen>>[number]

/** Those that began by then and have no end, oldest first. */
export async function listOpen(db: Kysely<Tables>, by: Date) {
  const query = db.selectFrom('model_call').select(['id', 'account_id', 'machine_id', 'vendor', 'model', 'held_micros'])
  return query.where('ended_at', 'is', null).where('began_at', '<=', by).orderBy('began_at').limit(500).execute()
}

/** Ends one that was cut off: nobody knows its tokens. False: it has an end already. */
export async function endCut(
  db: Kysely<Tables>,
  id: string,
  { cost, outcome }: { cost: number; outcome: CallOutcome },
  now: number,
): Promise<boolean> {
  const change = { cost_micros: cost, ended_at: new Date(now), outcome }
  const query = db.updateTable('model_call').set(change).where('id', '=', id).where('ended_at', 'is', null)
  return (await query.executeTakeFirst()).numUpdatedRows > 0n
}

/** How many were cut off so that nobody knows what the vendor has counted. */
export async function countLost(db: Kysely<Tables>): Promise<number> {
  const query = db.selectFrom('model_call').select(({ fn }) => fn.countAll<string>().as('count'))
  return Number((await query.where('outcome', '=', 'lost').executeTakeFirstOrThrow()).count)
}

/** What an account has spent since then, in micro-dollars; what has not ended counts as all that it may cost, for so long. */
export async function spentSince(db: Kysely<Tables>, account: string, since: Date, openSince: Date): Promise<number> {
  const query = db
    .selectFrom('model_call')
    .select(
      sql<string>`coalesce(sum(CASE WHEN ended_at IS NOT NULL THEN cost_micros WHEN began_at > ${openSince} THEN held_micros ELSE 0 END), 0)::text`.as(
        'spent',
      ),
    )
    .where('account_id', '=', account)
    .where('began_at', '>=', since)
  return Number((await query.executeTakeFirstOrThrow()).spent)
}
