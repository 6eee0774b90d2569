// Who may come into machines, as these are told it.

import type { PushedProfile } from '@spoq/contracts/access'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { listPlaces } from './store.ts'

/** The profiles of these machines, each with its keys, always in the same order. */
export async function profilesOf(
  db: Kysely<Tables>,
  machines: readonly string[],
): Promise<Map<string, PushedProfile[]>> {
  const told = new Map<string, PushedProfile[]>()
  for (const row of await listPlaces(db, machines)) {
    const profiles = told.get(row.machine_id) ?? []
    told.set(row.machine_id, profiles)
    const may = { isDefault: row.is_default, mayForward: row.may_forward, mayTty: row.may_tty }
    profiles.push({ name: row.name, ...may, keys: row.keys })
  }
  return told
}
