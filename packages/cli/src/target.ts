// Whom a command speaks to: the backend, or a machine's Conductor.

import type { Target } from '@spoq/client/target'
import type { Context } from './context.ts'
import { serverOf } from './login/server.ts'
import { accessToken, machineToken } from './login/tokens.ts'
import { readMarker } from './marker.ts'

/** The backend, as the login of this computer. Signing in is checked at the first call. */
export function backendTarget(context: Context): Target {
  const server = serverOf(context)
  let refused: string | undefined
  let given: string | undefined
  return {
    origin: server,
    token: async () => (given = await accessToken(context, server, refused)),
    renew: async () => {
      refused = given
      return refused !== undefined && (await accessToken(context, server, refused)) !== refused
    },
    unreachable: 'server_unknown',
    now: context.now,
  }
}

/**
 * A machine's Conductor. On a machine itself: its local socket, without a token. Else the machine that is named, or the
 * only one, through its edge.
 * @throws SpoqError `not_signed_in`, `no_machine`, `which_machine`, `machine_not_found`, `machine_not_running`
 */
export async function machineTarget(context: Context): Promise<Target> {
  const marker = readMarker(context.setting)
  if (marker && !context.machine && !context.server) return localTarget(marker.folder, context.now)
  const server = serverOf(context)
  const backend = backendTarget(context)
  const { chosenMachine } = await import('./machine/chosen.ts')
  const machine = await chosenMachine(context, backend)
  let refused: string | undefined
  let given: string | undefined
  const target: Target = {
    origin: machine.endpoint,
    token: async () => (given = await machineToken(context, server, machine.id, refused)),
    renew: async () => {
      refused = given
      return refused !== undefined && (await machineToken(context, server, machine.id, refused)) !== refused
    },
    relocate: async () => {
      const before = target.origin
      target.origin = (await chosenMachine(context, backend, { again: true })).endpoint
      return target.origin !== before
    },
    unreachable: 'machine_unreachable',
    now: context.now,
  }
  return target
}

async function localTarget(folder: string, now: () => number): Promise<Target> {
  const [{ overSocket }, { socketPath }] = await Promise.all([
    import('@spoq/client/socket'),
    import('@spoq/kit/socket-path'),
  ])
  const dispatcher = overSocket(socketPath(folder, 'local.sock'))
  return { origin: 'http://localhost', dispatcher, unreachable: 'machine_unreachable', now }
}
