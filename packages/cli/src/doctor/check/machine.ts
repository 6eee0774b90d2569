import { isAsleep } from '../../machine/asleep.ts'
import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'
import { type Check, fail, ok } from '../check.ts'

export const machine: Check = {
  id: 'machine',
  needs: ['login'],
  run: async ({ context, here }) => {
    if (here) return ok('this one')
    const found = await findMachine(context, backendTarget(context))
    const { name, state, error } = found
    if (state === 'running') return ok(`${name} is running`)
    if (isAsleep(found)) return ok(`${name} is asleep; it wakes on the next question`)
    if (state === 'pending' || state === 'provisioning')
      return fail(`${name} is being made`, 'Follow it: spoq status --watch')
    return fail(`${name} is ${state}${error ? `: ${error.message}` : ''}`, `Run spoq machine start ${name}.`)
  },
}
