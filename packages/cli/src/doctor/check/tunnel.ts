import { type Check, ok, warn } from '../check.ts'

/** Whether the machine is connected to a gateway, where it needs that. It may be asked on the machine itself. */
export const tunnel: Check = {
  id: 'tunnel',
  needs: ['connection'],
  run: ({ found }) => {
    const tunnel = found.status?.tunnel
    if (!tunnel) return ok('none needed: the machine has an address of its own')
    if (tunnel.state === 'connected' && tunnel.error === null) return ok(`connected since ${tunnel.since}`)
    if (tunnel.state === 'connected')
      return ok(`connected since ${tunnel.since}; another of its gateways is away: ${tunnel.error}`)
    if (tunnel.state === 'refused')
      return warn('the gateway does not take the machine', 'It gets a new secret when it starts: spoq machine start.')
    return warn(
      `not connected since ${tunnel.since}${tunnel.error ? `: ${tunnel.error}` : ''}`,
      'The machine tries again by itself; its network has to let it reach the gateway.',
    )
  },
}
