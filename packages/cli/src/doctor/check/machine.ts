import { findMachine } from '../../machine/find.ts'
import { backendTarget } from '../../target.ts'
import { type Check, fail, ok } from '../check.ts'

export const machine: Check = {
  id: 'machine',
  needs: ['login'],
  run: async ({ context, here }) => {
    if (here) return ok('this one')
    const { name, state, error } = await findMachine(context, backendTarget(context))
    if (state === 'running') return ok(`${name} is running`)
    if (state === 'pending' || state === 'provisioning')
      return fail(`${name} is being made`, 'Follow it: spoq status --watch')
    return fail(`${name} is ${state}${error ? `: ${error.message}` : ''}`, `Run spoq machine start ${name}.`)
  },
}
