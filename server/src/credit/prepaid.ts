// What is paid from credit by the day: machines, each with its price. Days are those of UTC, and each is paid in full: the
// first at once, the last as the machine ends, and those between when they are over.

import type { Standing } from '@spoq/contracts/credit'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { charge } from '../ledger/charge.ts'
import type { CreditPorts } from './ports.ts'

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** A machine is paid from credit, with so much a day; for today it is paid already. */
export async function putPrepaid(
  trx: Transaction<Tables>,
  { machine, account, microsDaily }: { machine: string; account: string; microsDaily: bigint },
  now: number,
): Promise<void> {
  await sql`INSERT INTO prepaid (machine_id, account_id, micros_daily, charged_to)
    VALUES (${machine}, ${account}, ${String(microsDaily)}::bigint, ${dayOf(now)}::date)`.execute(trx)
}

/**
 * It is paid from credit no longer, once what is open is taken: the day that has begun, and any before it that was not charged
 * yet. `isOwed` false: it could not be used, and nothing is.
 */
export async function dropPrepaid(
  trx: Transaction<Tables>,
  machine: string,
  { now, isOwed }: { now: number; isOwed: boolean },
): Promise<void> {
  const today = dayOf(now)
  await sql`WITH gone AS (DELETE FROM prepaid WHERE machine_id = ${machine} RETURNING account_id, micros_daily, charged_to)
    INSERT INTO ledger.due (run, account, amount)
    SELECT ${`prepaid.${today}.${machine}`}::text, 'customer:' || account_id, micros_daily * (${today}::date - charged_to)
    FROM gone WHERE charged_to < ${today}::date AND ${isOwed}::boolean
    ON CONFLICT DO NOTHING`.execute(trx)
}

/** The ids of an account's machines that are paid from credit. */
export async function prepaidOf(db: Kysely<Tables>, account: string): Promise<string[]> {
  const query = db.selectFrom('prepaid').select('machine_id').where('account_id', '=', account)
  return (await query.execute()).map(({ machine_id }) => machine_id)
}

/** What an account's machines take from its credit a day, in micro-units. */
export async function dailyMicrosOf(db: Kysely<Tables>, account: string): Promise<bigint> {
  const { rows } = await sql<{ sum: string }>`
    SELECT coalesce(sum(micros_daily), 0)::text AS sum FROM prepaid WHERE account_id = ${account}`.execute(db)
  return BigInt(rows[0]?.sum ?? 0)
}

/** Those whose credit pays for something, or was found to reach less far; in the order of their ids. */
export async function listReaches(
  db: Kysely<Tables>,
  after: string,
  most: number,
): Promise<{ account: string; daily: bigint; before: Standing }[]> {
  const { rows } = await sql<{ account: string; daily: string; before: Standing }>`
    SELECT account_id AS account, coalesce(daily, 0)::text AS daily, coalesce(standing, 'ok') AS before
    FROM (SELECT account_id, sum(micros_daily) AS daily FROM prepaid GROUP BY account_id) paid
    FULL JOIN (SELECT account_id, standing FROM credit_standing WHERE standing <> 'ok') known USING (account_id)
    WHERE account_id > ${after} ORDER BY account_id LIMIT ${most}`.execute(db)
  return rows.map(row => ({ ...row, daily: BigInt(row.daily) }))
}

/**
 * Charges each day that is over and was not charged yet. Killed anywhere and run again, each is charged once; whoever has not
 * enough is left out of that day for good.
 */
export async function chargeDays({ db, ledger, now, log }: CreditPorts): Promise<void> {
  const today = dayOf(now())
  for (let day = await nextDay(db); day !== null && day < today; day = await nextDay(db)) await fill(db, day)
  for (const run of await waitingRuns(db)) {
    const charged = await charge(ledger, { run, onto: 'revenue', kind: 'prepaid' })
    log('info', 'credit.charged', { run, ...charged })
  }
}

/** The oldest day that something is not charged for. */
async function nextDay(db: Kysely<Tables>): Promise<string | null> {
  const { rows } = await sql<{ day: string | null }>`
    SELECT (min(charged_to) + 1)::text AS day FROM prepaid`.execute(db)
  return rows[0]?.day ?? null
}

/**
 * Says who owes what for a day. From then on the run is charged, whatever happens here. One statement: what ends meanwhile is
 * either in it, or has seen to that day itself. One that could not be made is not paid for.
 */
async function fill(db: Kysely<Tables>, day: string): Promise<void> {
  await sql`WITH taken AS (
      UPDATE prepaid SET charged_to = ${day}::date WHERE charged_to < ${day}::date
      RETURNING machine_id, account_id, micros_daily
    )
    INSERT INTO ledger.due (run, account, amount)
    SELECT ${`prepaid.${day}`}::text, 'customer:' || taken.account_id, sum(micros_daily)::bigint
    FROM taken JOIN machine ON machine.id = taken.machine_id
    WHERE machine.state NOT IN ('pending', 'provisioning', 'failed') GROUP BY taken.account_id
    ON CONFLICT DO NOTHING`.execute(db)
}

async function waitingRuns(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ run: string }>`
    SELECT DISTINCT run FROM ledger.due WHERE state = 'waiting' AND run LIKE 'prepaid.%' ORDER BY run`.execute(db)
  return rows.map(({ run }) => run)
}
