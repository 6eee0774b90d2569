// Who may come in, by the account's devices and profiles. A key that signs for the first time is proven by that.

import { SpoqError } from '@spoq/contracts/problem'
import { revokedAmong } from '../device/find.ts'
import type { DevicePorts } from '../device/ports.ts'
import { whoMay } from '../device/who-may.ts'
import type { Devices } from './ports.ts'

export const knownDevices = (ports: DevicePorts): Devices => ({
  whoMay: (name, profile, key, from) => whoMay(ports, { name, profile, key }, from).catch(nobody),
  revokedAmong: devices => revokedAmong(ports.db, devices),
})

/** A key of another account's is nobody's here; both owners are told. */
function nobody(error: unknown): null {
  if (error instanceof SpoqError && error.code === 'key_elsewhere') return null
  throw error
}
