import { SpoqError } from '@spoq/contracts/problem'
import { newId } from '../db/new-id.ts'
import { findDevices, used } from './find.ts'
import type { DevicePorts } from './ports.ts'
import { prove } from './prove.ts'
import { assertRoom } from './room.ts'

/** Who comes in, and what they may there. */
export interface Comer {
  account: string
  machine: string
  device: string
  mayForward: boolean
  mayTty: boolean
}

/**
 * All in one for whoever has checked a signature: whose key it is that signed just now. It is proven by that, and its use noted.
 * Null for all who may not.
 * @param key the blob of the public key in base64
 * @throws SpoqError `key_elsewhere`, `plan_limit`, to be told to who signed.
 */
export async function whoMay(
  ports: DevicePorts,
  asked: { name: string; profile: string; key: string },
  { address }: { address: string },
): Promise<Comer | null> {
  const found = await findDevices(ports, asked)
  if (!found) return null
  const { account, machine, device, state, profile } = found
  assertRoom(await ports.planOf(account), found)
  try {
    if (state === 'pending')
      await prove(ports, device, { address, agent: 'ssh', requestId: newId('req'), credential: device })
    await used(ports, device, { address })
  } catch (error) {
    // It ended in this very moment.
    if (error instanceof SpoqError && error.code === 'device_not_found') return null
    throw error
  }
  const { mayForward, mayTty } = profile
  return { account, machine, device, mayForward, mayTty }
}
