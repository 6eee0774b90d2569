import type { Profile } from '@spoq/contracts/profile'
import type { NamedProfile } from './store.ts'

/** A profile as its owner sees it. */
export const toProfile = (row: NamedProfile): Profile => ({
  id: row.id,
  machine: row.machine_id,
  machineName: row.machine_name,
  name: row.name,
  isDefault: row.is_default,
  mayForward: row.may_forward,
  mayTty: row.may_tty,
  createdAt: row.created_at.toISOString(),
})
