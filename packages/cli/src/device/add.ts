import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { addDevices, type Device } from '@spoq/contracts/device'
import type { Found } from './found.ts'

/** Lets keys use a profile. @throws SpoqError `plan_limit`, `key_refused`, `profile_not_found`. */
export async function addKeys(
  backend: Target,
  profile: string,
  keys: Found['keys'],
  { source, isHere, name }: Pick<Found, 'source' | 'isHere'> & { name?: string | undefined },
): Promise<Device[]> {
  const named = keys.map(one => ({ key: one.key.line, name: name ?? one.name }))
  const body = { profile, keys: named, isHere, ...(source ? { source } : {}) }
  return (await call(backend, addDevices, { body })).devices
}
