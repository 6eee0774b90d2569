import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { Tables } from '../db/tables.ts'
import { ownDevice } from './look.ts'
import type { Caller, DevicePorts } from './ports.ts'
import { type DeviceRow, endDevice, freeKeys, lockKeys } from './store.ts'

/**
 * Refuses a device from now on; what it has open is cut by whoever asks `revokedAmong`.
 * @throws SpoqError `device_not_found`.
 */
export async function revoke(ports: DevicePorts, caller: Caller, device: string): Promise<undefined> {
  await ports.db.transaction().execute(async trx => {
    await revokeAll(ports, trx, caller, [await ownDevice(trx, caller.account, device)])
  })
}

/** The same of several of one account, in the caller's transaction. */
export async function revokeAll(
  { wake, now }: Pick<DevicePorts, 'wake' | 'now'>,
  trx: Transaction<Tables>,
  { account, from: origin }: Pick<Caller, 'account' | 'from'>,
  devices: readonly DeviceRow[],
): Promise<void> {
  const keys = devices.map(({ fingerprint }) => fingerprint)
  await lockKeys(trx, keys)
  const by = { actor: `account:${account}`, account, origin, action: 'device.revoke' }
  for (const { id, name, fingerprint } of devices) {
    if (!(await endDevice(trx, id, new Date(now())))) continue
    await record(trx, { ...by, resource: id, reason: `${name} ${fingerprint}` }, now())
  }
  await freeKeys(trx, account, keys)
  for (const machine of new Set(devices.map(({ machine_id }) => machine_id))) await wake(trx, machine)
}
