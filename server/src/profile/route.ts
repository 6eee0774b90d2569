import { addProfile, listProfiles, removeProfile, setProfile } from '@spoq/contracts/profile'
import type { Serve } from '../http/serve.ts'
import { add } from './add.ts'
import { list } from './list.ts'
import type { ProfilePorts } from './ports.ts'
import { remove } from './remove.ts'
import { set } from './set.ts'

/** The routes of profiles. */
export function registerProfiles(serve: Serve, ports: ProfilePorts): void {
  serve.account(listProfiles, async (_, { account }) => ({ profiles: await list(ports.db, account) }))
  serve.account(addProfile, ({ body }, caller) => add(ports, caller, body))
  serve.account(setProfile, ({ params, body }, caller) => set(ports, caller, params.profile, body))
  serve.account(removeProfile, ({ params }, caller) => remove(ports, caller, params.profile))
}
