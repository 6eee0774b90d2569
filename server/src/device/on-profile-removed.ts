import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { ProfilePorts } from '../profile/ports.ts'
import type { DevicePorts } from './ports.ts'
import { revokeAll } from './revoke.ts'
import { listDevices } from './store.ts'

/** The devices of a profile end with it. */
export const onProfileRemoved =
  (ports: Pick<DevicePorts, 'wake' | 'now'>): ProfilePorts['removed'] =>
  async (trx: Transaction<Tables>, caller, { id }) => {
    const devices = (await listDevices(trx, caller.account)).filter(({ profile_id }) => profile_id === id)
    await revokeAll(ports, trx, caller, devices)
  }
