import type { Device } from '@spoq/contracts/device'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { toDevice } from './shape.ts'
import { findDevice, listDevices, type NamedDevice } from './store.ts'

/** The devices of an account, newest first. */
export const list = async (db: Kysely<Tables>, account: string): Promise<Device[]> =>
  (await listDevices(db, account)).map(toDevice)

/** @throws SpoqError `device_not_found`. */
export const show = async (db: Kysely<Tables>, account: string, device: string): Promise<Device> =>
  toDevice(await ownDevice(db, account, device))

/** @throws SpoqError `device_not_found`, also for somebody else's and for one that was revoked. */
export async function ownDevice(db: Kysely<Tables>, account: string, device: string): Promise<NamedDevice> {
  const row = await findDevice(db, account, device)
  if (!row) throw new SpoqError('device_not_found')
  return row
}
