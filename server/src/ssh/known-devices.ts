// Who may come in, by the account's devices and profiles. A key that signs for the first time is proven by that.

import { SpoqError } from '@spoq/contracts/problem'
import { newId } from '../db/new-id.ts'
import { findDevices, revokedAmong, used } from '../device/find.ts'
import type { DevicePorts } from '../device/ports.ts'
import { prove } from '../device/prove.ts'
import type { Devices } from './ports.ts'

export function knownDevices(ports: DevicePorts): Devices {
  return {
    async whoMay(name, profile, key, { address }) {
      const found = await findDevices(ports, { name, profile, key })
      if (!found) return null
      try {
        if (found.state === 'pending')
          await prove(ports, found.device, { address, agent: 'ssh', requestId: newId('req'), credential: found.device })
        await used(ports, found.device, { address })
      } catch (error) {
        // Revoked meanwhile, or another account's: both are told by `prove`, and here it is as nobody's.
        if (error instanceof SpoqError && ['device_not_found', 'key_elsewhere'].includes(error.code)) return null
        throw error
      }
      return {
        account: found.account,
        machine: found.machine,
        device: found.device,
        mayForward: found.profile.mayForward,
      }
    },
    revokedAmong: devices => revokedAmong(ports.db, devices),
  }
}
