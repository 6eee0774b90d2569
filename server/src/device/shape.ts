import type { Device } from '@spoq/contracts/device'
import type { Plan } from '@spoq/contracts/plan'
import { roomIn } from './room.ts'
import type { NamedDevice } from './store.ts'

/** A device as its owner sees it. */
export const toDevice = (row: NamedDevice, plan: Plan): Device => ({
  id: row.id,
  name: row.name,
  machine: row.machine_id,
  machineName: row.machine_name,
  profile: row.profile_id,
  profileName: row.profile_name,
  type: row.key.split(' ', 1)[0] ?? '',
  fingerprint: row.fingerprint,
  key: row.key,
  source: row.source,
  login: row.login_id,
  state: roomIn(plan, row) ? (row.proven ? 'proven' : 'pending') : 'frozen',
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  lastUsedFrom: row.last_used_from,
  createdAt: row.created_at.toISOString(),
})
