import type { Profile } from '@spoq/contracts/profile'
import { record } from '../audit/record.ts'
import { lockOwnProfile, ownProfile } from './owner.ts'
import type { Caller, ProfilePorts } from './ports.ts'
import { toProfile } from './shape.ts'
import { changeProfile } from './store.ts'

interface Change {
  mayForward?: boolean | undefined
  mayTty?: boolean | undefined
}

/**
 * Says what those who come in by a profile may do.
 * @throws SpoqError `profile_not_found`.
 */
export async function set(ports: ProfilePorts, caller: Caller, profile: string, change: Change): Promise<Profile> {
  const { account, from: origin } = caller
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnProfile(trx, account, profile)
    const may = { may_forward: change.mayForward ?? row.may_forward, may_tty: change.mayTty ?? row.may_tty }
    await changeProfile(trx, row.id, may)
    const reason = `${row.name}: forwarding ${onOff(may.may_forward)}, terminal ${onOff(may.may_tty)}`
    const by = { actor: `account:${account}`, account, origin }
    await record(trx, { ...by, action: 'profile.set', resource: row.id, reason }, ports.now())
    await ports.wake(trx, row.machine_id)
    return toProfile(await ownProfile(trx, account, row.id))
  })
}

const onOff = (is: boolean) => (is ? 'on' : 'off')
