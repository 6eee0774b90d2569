import { SpoqError } from '@spoq/contracts/problem'
import type { Profile } from '@spoq/contracts/profile'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import { lockOwnMachine } from '../machine/owner.ts'
import { isEnding } from '../machine/state.ts'
import { assertWithin } from '../plan/limit.ts'
import { ownProfile } from './owner.ts'
import type { Caller, ProfilePorts } from './ports.ts'
import { isReserved } from './reserved.ts'
import { toProfile } from './shape.ts'
import { countProfiles, insertProfile } from './store.ts'

interface Asked {
  machine: string
  name: string
  mayForward: boolean
  mayTty: boolean
}

/**
 * Adds a profile to a machine.
 * @throws SpoqError `machine_not_found`, `machine_state` when it is ending, `profile_taken`, `plan_limit`.
 */
export async function add(ports: ProfilePorts, caller: Caller, asked: Asked): Promise<Profile> {
  const { account, from: origin } = caller
  const { machine, name } = asked
  const plan = await ports.planOf(account)
  return ports.db.transaction().execute(async trx => {
    const { state, name: machineName } = await lockOwnMachine(trx, account, machine)
    if (isEnding(state)) throw new SpoqError('machine_state', { message: `${machineName} is ${state}.` })
    const now = ports.now()
    const may = { may_forward: asked.mayForward, may_tty: asked.mayTty }
    const row = { id: newId('prof'), account_id: account, machine_id: machine, name, is_default: false, ...may }
    if (isReserved(name) || !(await insertProfile(trx, { ...row, created_at: new Date(now) }))) throw taken(name)
    assertWithin(plan, { limit: 'profiles', count: await countProfiles(trx, machine) })
    const by = { actor: `account:${account}`, account, origin }
    await record(trx, { ...by, action: 'profile.add', resource: row.id, reason: `${name} on ${machineName}` }, now)
    await ports.wake(trx, machine)
    return toProfile(await ownProfile(trx, account, row.id))
  })
}

const taken = (name: string) =>
  isReserved(name)
    ? new SpoqError('profile_taken', { message: `The name ${name} is the system's own.` })
    : new SpoqError('profile_taken', { message: `The machine has a profile ${name}.` })
