import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { Tables } from '../db/tables.ts'
import type { From } from '../http/from.ts'
import { holderLetter, refusedLetter } from './letter.ts'
import type { DevicePorts } from './ports.ts'
import { claimKey, type DeviceRow, findLive, lockLive, noteTold } from './store.ts'

type ProvePorts = Pick<DevicePorts, 'db' | 'mail' | 'emailOf' | 'now'>

/**
 * A device has signed in for the first time: from now on its key is its account's, as long as a device of its has the key.
 * Again it changes nothing.
 * @throws SpoqError `device_not_found` when it may no longer; `key_elsewhere` when another account has proven the key: both
 * are told, once.
 */
export async function prove(ports: ProvePorts, device: string, origin: From): Promise<void> {
  const refused = await ports.db.transaction().execute(async trx => {
    const row = found(await findLive(trx, device))
    const { account_id: account, fingerprint } = row
    const now = ports.now()
    const holder = await claimKey(trx, { fingerprint, account, now: new Date(now) })
    // It may have been revoked while its key was waited for.
    if (!(await lockLive(trx, device))) throw new SpoqError('device_not_found')
    if (holder.account !== account) return { row, holder: holder.account }
    if (holder.isNew) await noteProven(trx, row, origin, now)
    return null
  })
  if (!refused) return
  await tellBoth(ports, refused.row, refused.holder, origin)
  throw new SpoqError('key_elsewhere')
}

function found(row: DeviceRow | undefined): DeviceRow {
  if (!row) throw new SpoqError('device_not_found')
  return row
}

const noteProven = (
  trx: Transaction<Tables>,
  { id, account_id, name, fingerprint }: DeviceRow,
  origin: From,
  now: number,
) =>
  record(
    trx,
    {
      ...{ actor: `device:${id}`, account: account_id, origin, action: 'device.prove', resource: id },
      ...{ from: 'pending', to: 'proven', reason: `${name} ${fingerprint}` },
    },
    now,
  )

/** Whoever signs again and again fills nobody's letter box. */
async function tellBoth(
  { db, mail, emailOf, now }: ProvePorts,
  { id, account_id, name, fingerprint }: DeviceRow,
  holder: string,
  origin: From,
): Promise<void> {
  const [ours, theirs] = await Promise.all([emailOf(account_id), emailOf(holder)])
  const letters = await Promise.all([
    ...(ours ? [refusedLetter(ours, name, fingerprint)] : []),
    ...(theirs ? [holderLetter(theirs, fingerprint)] : []),
  ])
  await db.transaction().execute(async trx => {
    if (!(await noteTold(trx, id, new Date(now())))) return
    const told = { actor: `device:${id}`, action: 'device.refuse', resource: id, reason: fingerprint }
    await record(trx, { ...told, account: account_id, origin }, now())
    // Who else has an account, and from where they come, is not the holder's to know.
    await record(trx, { ...told, actor: 'system', resource: fingerprint, account: holder }, now())
    for (const letter of letters) await mail.put(trx as never, letter)
  })
  mail.wake()
}
