import { call } from '@spoq/client/call'
import { listDevices } from '@spoq/contracts/device'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'
import { type Check, ok, warn } from '../check.ts'

/** Whether anybody may sign in to the machine over SSH. */
export const device: Check = {
  id: 'device',
  needs: ['machine'],
  run: async ({ context, here, signal }) => {
    if (here) return ok('not needed: this is the machine itself')
    const backend = backendTarget(context)
    const [{ devices }, machine] = await Promise.all([
      call(backend, listDevices, { signal }),
      findMachine(context, backend),
    ])
    const there = devices.filter(one => one.machine === machine.id && one.state !== 'frozen')
    if (there.length === 0) return warn('no key may sign in over SSH', 'Run spoq device add --new.')
    const proven = there.filter(({ state }) => state === 'proven').length
    return ok(`${there.length} ${there.length === 1 ? 'key' : 'keys'} may sign in over SSH, ${proven} did`)
  },
}
