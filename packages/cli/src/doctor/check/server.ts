import { open } from '@spoq/client/call'
import { health } from '@spoq/contracts/status'
import { serverOf } from '../../login/server.ts'
import { type Check, ok } from '../check.ts'

export const server: Check = {
  id: 'server',
  run: async ({ context, here, found, signal }) => {
    if (here) return ok('not needed: this is the machine itself')
    const origin = serverOf(context)
    const begin = performance.now()
    const target = { origin, unreachable: 'server_unknown' as const, now: context.now }
    const response = await open(target, health, { signal }, {})
    await response.body.dump()
    found.serverDate = Date.parse(String(response.headers.date ?? ''))
    return ok(`${origin} answers in ${Math.round(performance.now() - begin)} ms`)
  },
}
