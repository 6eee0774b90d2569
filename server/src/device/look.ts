import type { Device } from '@spoq/contracts/device'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { DevicePorts } from './ports.ts'
import { toDevice } from './shape.ts'
import { findDevice, listDevices, type NamedDevice } from './store.ts'

/** The devices of an account, newest first. */
export async function list({ db, planOf }: Looking, account: string): Promise<Device[]> {
  const plan = await planOf(account)
  return (await listDevices(db, account)).map(row => toDevice(row, plan))
}

type Looking = Pick<DevicePorts, 'db' | 'planOf'>

/** @throws SpoqError `device_not_found`. */
export const show = async ({ db, planOf }: Looking, account: string, device: string): Promise<Device> =>
  toDevice(await ownDevice(db, account, device), await planOf(account))

/** @throws SpoqError `device_not_found`, also for somebody else's and for one that was revoked. */
export async function ownDevice(db: Kysely<Tables>, account: string, device: string): Promise<NamedDevice> {
  const row = await findDevice(db, account, device)
  if (!row) throw new SpoqError('device_not_found')
  return row
}
