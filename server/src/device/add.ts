import type { Device } from '@spoq/contracts/device'
import { SpoqError } from '@spoq/contracts/problem'
import { KeyRefused, keyOfLine, type SshPublicKey } from '@spoq/kit/ssh-key'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import { assertWithin } from '../plan/limit.ts'
import { lockOwnProfile } from '../profile/owner.ts'
import { ownDevice } from './look.ts'
import type { Caller, DevicePorts } from './ports.ts'
import { toDevice } from './shape.ts'
import { countDevices, insertDevice, lockCount } from './store.ts'

interface Asked {
  profile: string
  keys: { key: string; name: string }[]
  source?: string | undefined
  isHere: boolean
}

/**
 * Lets keys use a profile: all of them or none. A key is pending until somebody signs in with it: whoever pastes the key of
 * somebody else has nothing of it.
 * @throws SpoqError `profile_not_found`, `key_refused`, `plan_limit`.
 */
export async function add(ports: DevicePorts, caller: Caller, asked: Asked): Promise<Device[]> {
  const { account, from: origin } = caller
  const keys = asked.keys.map(({ key, name }) => ({ ...checked(key), name }))
  const plan = await ports.planOf(account)
  return ports.db.transaction().execute(async trx => {
    await lockCount(trx, account)
    const profile = await lockOwnProfile(trx, account, asked.profile)
    const now = ports.now()
    const by = { actor: `account:${account}`, account, origin, action: 'device.add' }
    const place = { account_id: account, machine_id: profile.machine_id, profile_id: profile.id }
    const how = { source: asked.source ?? null, login_id: asked.isHere ? caller.login : null }
    const ids: string[] = []
    for (const { line: key, fingerprint, name } of keys) {
      const row = { id: newId('dev'), ...place, ...how, name, key, fingerprint, created_at: new Date(now) }
      const { id, isNew } = await insertDevice(trx, row)
      if (!ids.includes(id)) ids.push(id)
      const reason = `${name} ${fingerprint} for ${profile.name} on ${profile.machine_name}`
      if (isNew) await record(trx, { ...by, resource: id, reason }, now)
    }
    assertWithin(plan, { limit: 'devicesPerProfile', count: await countDevices(trx, { profile: profile.id }) })
    assertWithin(plan, { limit: 'devices', count: await countDevices(trx, { account }) })
    await ports.wake(trx, profile.machine_id)
    return Promise.all(ids.map(async id => toDevice(await ownDevice(trx, account, id), plan)))
  })
}

/** @throws SpoqError `key_refused`, saying why. */
function checked(line: string): SshPublicKey {
  try {
    return keyOfLine(line)
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error
    throw new SpoqError('key_refused', { message: `This is ${error.message}.` })
  }
}
