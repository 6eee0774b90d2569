// Which profile a command is about.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { listProfiles, type Profile } from '@spoq/contracts/profile'
import type { Context } from '../context.ts'
import { findMachine } from '../machine/find.ts'

/**
 * The profile of that name on the machine that is meant; without a name its default one.
 * @throws SpoqError `profile_not_found`, `no_machine`, `which_machine`, `machine_not_found`
 */
export async function findProfile(context: Context, backend: Target, name: string | undefined): Promise<Profile> {
  const [machine, { profiles }] = await Promise.all([findMachine(context, backend), call(backend, listProfiles)])
  const there = profiles.filter(profile => profile.machine === machine.id)
  const found = there.find(profile => (name === undefined ? profile.isDefault : profile.name === name))
  if (found) return found
  throw new SpoqError('profile_not_found', {
    message: `${machine.name} has no profile ${name ?? ''}.`.replace(' .', '.'),
    next: `It has ${there.map(profile => profile.name).join(', ') || 'none'}.`,
  })
}
