// Whom a command speaks to: the backend, or a machine's Conductor.

import type { Target } from '@spoq/client/target'
import type { Context } from './context.ts'
import { serverOf } from './login/server.ts'
import { assertSignedIn } from './login/signed-in.ts'
import { readMarker } from './marker.ts'

/** The backend, as the login of this computer. Signing in is checked at the first call. */
export function backendTarget(context: Context): Target {
  const server = serverOf(context)
  const token = async (refused?: string) => {
    assertSignedIn(context, server)
    const { accessToken } = await import('./login/tokens.ts')
    return accessToken(context, server, refused)
  }
  const { now, requestId } = context
  return { origin: server, ...renewing(token), unreachable: 'server_unknown', now, requestId }
}

/**
 * A machine's Conductor. On a machine itself: its local socket, without a token. Else the machine that is named, or the
 * only one, through its edge.
 * @throws SpoqError `not_signed_in`, `no_machine`, `which_machine`, `machine_not_found`, `machine_not_running`
 */
export async function machineTarget(context: Context): Promise<Target> {
  const marker = readMarker(context.setting)
  if (marker && !context.machine && !context.server) return localTarget(marker.folder, context)
  const server = serverOf(context)
  assertSignedIn(context, server)
  const [{ chosenMachine }, { machineToken }] = await Promise.all([
    import('./machine/chosen.ts'),
    import('./login/machine-token.ts'),
  ])
  const backend = backendTarget(context)
  const { id, endpoint } = await chosenMachine(context, backend)
  const target: Target = {
    origin: endpoint,
    ...renewing(refused => machineToken(context, server, id, refused)),
    relocate: async () => {
      const before = target.origin
      target.origin = (await chosenMachine(context, backend, { again: true })).endpoint
      return target.origin !== before
    },
    unreachable: 'machine_unreachable',
    now: context.now,
    requestId: context.requestId,
  }
  return target
}

/** Gives a token, and another one once that is refused. */
function renewing(get: (refused?: string) => Promise<string>): Required<Pick<Target, 'token' | 'renew'>> {
  let refused: string | undefined
  let given: string | undefined
  const token = async () => {
    given = await get(refused)
    return given
  }
  const renew = async () => {
    refused = given
    return refused !== undefined && (await get(refused)) !== refused
  }
  return { token, renew }
}

async function localTarget(folder: string, { now, requestId }: Context): Promise<Target> {
  const [{ overSocket }, { socketPath }] = await Promise.all([
    import('@spoq/client/socket'),
    import('@spoq/kit/socket-path'),
  ])
  const dispatcher = overSocket(socketPath(folder, 'local.sock'))
  return { origin: 'http://localhost', dispatcher, unreachable: 'machine_unreachable', now, requestId }
}
