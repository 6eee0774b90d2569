// The SQL of domains. Nothing here decides anything.

import type { Kysely, Selectable, Transaction } from 'kysely'
import type { MachineDomainTable, Tables } from '../db/tables.ts'

export type DomainRow = Selectable<MachineDomainTable>

export async function listDomains(db: Kysely<Tables>, machine: string): Promise<DomainRow[]> {
  return db.selectFrom('machine_domain').selectAll().where('machine_id', '=', machine).orderBy('domain').execute()
}

export async function findDomain(db: Kysely<Tables>, domain: string, machine: string): Promise<DomainRow | undefined> {
  const query = db.selectFrom('machine_domain').selectAll().where('domain', '=', domain)
  return query.where('machine_id', '=', machine).executeTakeFirst()
}

/** Of all who claim it, the one who proved it. */
export async function findHolder(db: Kysely<Tables>, domain: string): Promise<DomainRow | undefined> {
  const query = db.selectFrom('machine_domain').selectAll().where('domain', '=', domain)
  return query.where('verified_at', 'is not', null).executeTakeFirst()
}

/** Everybody's claims on it, which nobody else changes before the transaction ends. */
export async function lockDomain(trx: Transaction<Tables>, domain: string): Promise<DomainRow[]> {
  const query = trx.selectFrom('machine_domain').selectAll().where('domain', '=', domain)
  return query.orderBy('machine_id').forUpdate().execute()
}

/** Claims it; one that is claimed for the machine already stays as it is. */
export async function insertDomain(
  trx: Transaction<Tables>,
  row: Pick<DomainRow, 'domain' | 'machine_id' | 'account_id' | 'token' | 'created_at'>,
): Promise<void> {
  await trx
    .insertInto('machine_domain')
    .values(row)
    .onConflict(on => on.doNothing())
    .execute()
}

/** False when another became its holder in this moment. */
export async function holdDomain(trx: Transaction<Tables>, row: DomainRow, now: Date): Promise<boolean> {
  const held = await trx
    .updateTable('machine_domain')
    .set({ verified_at: row.verified_at ?? now, checked_at: now, missed: 0 })
    .where('domain', '=', row.domain)
    .where('machine_id', '=', row.machine_id)
    .executeTakeFirst()
  return held.numUpdatedRows > 0n
}

/** It is nobody's until somebody proves it again. */
export async function unholdDomain(trx: Transaction<Tables>, row: DomainRow): Promise<void> {
  await trx
    .updateTable('machine_domain')
    .set({ verified_at: null, missed: 0 })
    .where('domain', '=', row.domain)
    .where('machine_id', '=', row.machine_id)
    .execute()
}

export async function noteMissed(db: Kysely<Tables>, row: DomainRow, now: Date): Promise<void> {
  await db
    .updateTable('machine_domain')
    .set({ checked_at: now, missed: row.missed + 1 })
    .where('domain', '=', row.domain)
    .where('machine_id', '=', row.machine_id)
    .execute()
}

export async function deleteDomain(trx: Transaction<Tables>, domain: string, machine: string): Promise<boolean> {
  const query = trx.deleteFrom('machine_domain').where('domain', '=', domain).where('machine_id', '=', machine)
  return (await query.executeTakeFirst()).numDeletedRows > 0n
}

/** Held ones that were looked at last before then, those that wait longest first. */
export async function listUnchecked(db: Kysely<Tables>, before: Date, limit: number): Promise<DomainRow[]> {
  return db
    .selectFrom('machine_domain')
    .selectAll()
    .where('verified_at', 'is not', null)
    .where('checked_at', '<', before)
    .orderBy('checked_at')
    .limit(limit)
    .execute()
}
