// The right to work on a machine: it has an owner, one backend, and an end. Ends are told by the database's clock alone, so
// that backends with different clocks agree; should that clock jump too, whoever lost a lease is stopped by the version,
// which every takeover moves on.

import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export interface Lease {
  /** The id of this backend, new at each start. */
  owner: string
  /** How long it has to be silent to lose what it holds. */
  ms: number
}

/** When one that is taken now ends, by the database's clock. */
export const endOf = ({ ms }: Lease) => sql<Date>`now() + ${ms} * interval '1 millisecond'`

/**
 * Takes the right to work on a machine; false when another has it. One's own is what one could not give back. Taken from whom
 * did not give it back, the row is a new version, and
 * a create without an answer counts as sent just now: it may have been cut off at any moment.
 * @param now by the database's clock, in ms
 */
export async function takeLease(db: Kysely<Tables>, id: string, lease: Lease, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('machine')
    .set(eb => ({
      lease_until: endOf(lease),
      lease_owner: lease.owner,
      version: sql<number>`version + (lease_until IS NOT NULL)::int`,
      create_sent_at: eb
        .case()
        .when(sql<boolean>`lease_until IS NOT NULL AND create_sent_at IS NOT NULL AND provider_ref IS NULL`)
        .then(new Date(now))
        .else(eb.ref('create_sent_at'))
        .end(),
    }))
    .where('id', '=', id)
    .where(eb =>
      eb.or([
        eb('lease_until', 'is', null),
        eb('lease_until', '<=', sql<Date>`now()`),
        eb('lease_owner', '=', lease.owner),
      ]),
    )
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Gives it back; nothing happens when another has it by now. */
export async function releaseLease(db: Kysely<Tables>, id: string, { owner }: Lease): Promise<void> {
  await db
    .updateTable('machine')
    .set({ lease_until: null, lease_owner: null })
    .where('id', '=', id)
    .where('lease_owner', '=', owner)
    .execute()
}

/** Puts off the end of all that a backend holds. */
export async function renewLeases(db: Kysely<Tables>, lease: Lease): Promise<void> {
  await db
    .updateTable('machine')
    .set({ lease_until: endOf(lease) })
    .where('lease_owner', '=', lease.owner)
    .where('lease_until', 'is not', null)
    .execute()
}

/** The machines whose owner has been silent for too long. */
export async function listLapsed(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db.selectFrom('machine').select('id').where('lease_until', '<=', sql<Date>`now()`).execute()
  return rows.map(({ id }) => id)
}
