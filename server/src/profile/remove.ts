import { SpoqError } from '@spoq/contracts/problem'
import { record } from '../audit/record.ts'
import { lockOwnProfile } from './owner.ts'
import type { Caller, ProfilePorts } from './ports.ts'
import { deleteProfile } from './store.ts'

/**
 * Removes a profile and revokes its devices.
 * @throws SpoqError `profile_not_found`, `profile_default`.
 */
export async function remove(ports: ProfilePorts, caller: Caller, profile: string): Promise<undefined> {
  const { account, from: origin } = caller
  await ports.db.transaction().execute(async trx => {
    const row = await lockOwnProfile(trx, account, profile)
    if (row.is_default) throw new SpoqError('profile_default')
    await ports.removed(trx, caller, row)
    await deleteProfile(trx, row.id)
    const by = { actor: `account:${account}`, account, origin }
    const reason = `${row.name} on ${row.machine_name}`
    await record(trx, { ...by, action: 'profile.remove', resource: row.id, reason }, ports.now())
    await ports.wake(trx, row.machine_id)
  })
}
