import { sql, type Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { From } from '../http/from.ts'

/** What happened; `contracts/audit` says what each field means. */
export interface NewRecord {
  /** `account:ID`, `reconciler`, `system`. */
  actor: string
  /** The id of the login, the token or the trust that the actor came with. Default: what `origin` says. */
  credential?: string | null
  /** Noun and verb: `machine.stop`. */
  action: string
  /** The id of what it was done to. */
  resource: string
  /** Whose security log it stands in as well. */
  account?: string
  /** Where the request came from; says the request's id too. */
  origin?: From | null
  /** The states before and after, when a state changed. */
  from?: string | null
  to?: string | null
  reason?: string | null
  requestId?: string | null
}

/** Writes an audit record, in the transaction of the change it tells of. */
export async function record(trx: Transaction<Tables>, record: NewRecord, now: number): Promise<void> {
  await trx.insertInto('audit_record').values(rowOf(record, now)).execute()
}

/** The same as a part of the statement that changes it: of each whose id the part `changed` answers. */
export function recordOf(changed: string, record: Omit<NewRecord, 'resource'>, now: number) {
  const { at, resource: _, ...texts } = rowOf({ ...record, resource: '' }, now)
  const columns = Object.keys(texts).map(column => sql.ref(column))
  const values = Object.values(texts).map(text => sql`${text}::text`)
  return sql<{ id: number }>`(insert into "audit_record" ("at", "resource", ${sql.join(columns)})
    select ${at}::timestamptz, "id", ${sql.join(values)} from ${sql.table(changed)} returning "id")`
}

const rowOf = (record: NewRecord, now: number) => ({
  at: new Date(now),
  actor: record.actor,
  credential: record.credential ?? record.origin?.credential ?? null,
  action: record.action,
  resource: record.resource,
  from_state: record.from ?? null,
  to_state: record.to ?? null,
  reason: record.reason ?? null,
  request_id: record.requestId ?? record.origin?.requestId ?? null,
  account_id: record.account ?? null,
  address: record.origin?.address ?? null,
  agent: record.origin?.agent ?? null,
})
