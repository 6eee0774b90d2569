import { call } from '@spoq/client/call'
import { showStatus } from '@spoq/contracts/status'
import { machineTarget } from '../../target.ts'
import { type Check, ok, warn } from '../check.ts'

const slowMs = 1_000

export const conductor: Check = {
  id: 'connection',
  needs: ['machine'],
  run: async ({ context, found, signal }) => {
    found.machine = await machineTarget(context)
    found.status = await call(found.machine, showStatus, { signal })
    const begin = performance.now()
    await call(found.machine, showStatus, { signal })
    const took = Math.round(performance.now() - begin)
    const says = `version ${found.status.version} answers in ${took} ms`
    return took < slowMs ? ok(says) : warn(says, 'The way there is slow, or the machine is busy: spoq status')
  },
}
