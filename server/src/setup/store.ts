// The SQL of set-ups. Nothing here decides anything.

import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { MachineSetupTable, Tables } from '../db/tables.ts'

export type SetupRow = Selectable<MachineSetupTable>

/** Nobody else changes it before the transaction ends. */
export async function lockSetup(trx: Transaction<Tables>, machine: string): Promise<SetupRow | undefined> {
  return trx.selectFrom('machine_setup').selectAll().where('machine_id', '=', machine).forUpdate().executeTakeFirst()
}

/** Begins a set-up of a machine; of the one before nothing is left. */
export async function putSetup(trx: Transaction<Tables>, row: Begun): Promise<void> {
  const anew = { ...blank, ...row, heard_at: null, stage: null, log: '', error: null, done_at: null }
  const { machine_id: _, ...changed } = anew
  await trx
    .insertInto('machine_setup')
    .values(anew)
    .onConflict(on => on.column('machine_id').doUpdateSet(changed))
    .execute()
}

/** Of a machine that never was one. */
const blank = {
  made_endpoint: null,
  made_issuer: null,
  over_ssh: false,
  host_key: null,
  release: null,
  attempts: 0,
  next_attempt_at: null,
}

export type Begun = Pick<
  SetupRow,
  'machine_id' | 'round' | 'token_hash' | 'issuer' | 'endpoint' | 'begun_at' | 'expires_at'
> &
  Partial<Pick<SetupRow, keyof typeof blank>>

export async function changeSetup(
  trx: Transaction<Tables>,
  machine: string,
  changed: Partial<Omit<SetupRow, 'machine_id'>>,
): Promise<void> {
  await trx.updateTable('machine_setup').set(changed).where('machine_id', '=', machine).execute()
}

export async function listSetups(db: Kysely<Tables>, machines: readonly string[]): Promise<SetupRow[]> {
  return db.selectFrom('machine_setup').selectAll().where('machine_id', '=', sql<string>`ANY(${machines})`).execute()
}
