// Who may come in over SSH: what a gateway asks.

import { SpoqError } from '@spoq/contracts/problem'
import { fingerprintOf } from '@spoq/kit/ssh-key'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { whereIs } from '../name/where.ts'
import { findAllLive, findByKey, findLive, noteUse } from './store.ts'

export interface FoundDevice {
  device: string
  account: string
  machine: string
  /** `pending`: call `prove` once its signature is good, and let nobody in before. */
  state: 'pending' | 'proven'
  older_of_account: number
  older_of_profile: number
  profile: FoundProfile
}

export interface FoundProfile {
  id: string
  name: string
  mayForward: boolean
  mayTty: boolean
}

/**
 * The device that a key is, for a machine by one of its names and a profile of it ('' is the default one). Null for all that
 * may not, by the same steps whatever the reason is.
 * @param key the blob of the public key in base64
 */
export async function findDevices(
  { db, now }: { db: Kysely<Tables>; now: () => number },
  { name, profile, key }: { name: string; profile: string; key: string },
): Promise<FoundDevice | null> {
  const machine = (await whereIs(db, name, now())) ?? ''
  const fingerprint = fingerprintOf(Buffer.from(key, 'base64'))
  const row = await findByKey(db, { machine, profile, fingerprint })
  if (!row) return null
  return {
    device: row.id,
    account: row.account_id,
    machine: row.machine_id,
    state: row.proven ? 'proven' : 'pending',
    older_of_account: row.older_of_account,
    older_of_profile: row.older_of_profile,
    profile: {
      id: row.profile_id,
      name: row.profile_name,
      mayForward: row.may_forward,
      mayTty: row.may_tty,
    },
  }
}

/** Of these devices those that may come in no longer, whatever ended them. To be asked again and again while they are in. */
export async function revokedAmong(db: Kysely<Tables>, devices: readonly string[]): Promise<string[]> {
  const live = new Set(await findAllLive(db, devices))
  return devices.filter(device => !live.has(device))
}

/** A use is written once in so long: a write for each session would be many. */
const usedEveryMs = 60_000

/**
 * Notes that a device came in.
 * @throws SpoqError `device_not_found` when it may no longer.
 */
export async function used(
  { db, now }: { db: Kysely<Tables>; now: () => number },
  device: string,
  from: { address: string },
): Promise<void> {
  if (!(await findLive(db, device))) throw new SpoqError('device_not_found')
  const at = now()
  await noteUse(db, device, { now: new Date(at), since: new Date(at - usedEveryMs), from: from.address })
}
