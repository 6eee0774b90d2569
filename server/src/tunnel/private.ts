// The socket by which gateways on this computer ask. It has mode 0600 in a folder of this user alone: who can open it is let
// in, and nothing that is served to others is served here.

import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import {
  forgetGateway,
  locateDomain,
  locateMachine,
  reportTunnels,
  verifyTunnel,
  wakeMachine,
} from '@spoq/contracts/gateway'
import type { Plan } from '@spoq/contracts/plan'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import { InvalidInput, routesOf } from '@spoq/kit/serve-route'
import { listenOnSocket } from '@spoq/kit/socket-path'
import { Hono } from 'hono'
import { type Log, textOf } from '../log.ts'
import { locate, locateByDomain } from './locate.ts'
import type { Presence } from './presence.ts'
import { stale, type TunnelPorts, verify } from './verify.ts'

export interface PrivatePorts extends TunnelPorts {
  presence: Presence
  planOf: (account: string) => Promise<Plan>
  /** Wakes a machine that only sleeps, for whose token it is; answers whether it comes up. */
  wakeUp: (machine: string, token: string) => Promise<boolean>
  /** A machine is connected that was not. */
  came: (machine: string) => void
  /** More that gateways may ask. */
  more: (serve: ReturnType<typeof routesOf<void>>) => void
  log: Log
}

/** Serves gateways at a path; answers how to end that. */
export async function servePrivately(ports: PrivatePorts, path: string): Promise<() => Promise<void>> {
  rmSync(path, { force: true })
  const server = createServer(getRequestListener(privateApp(ports).fetch, { overrideGlobalObjects: false }))
  await listenOnSocket(server, path)
  return async () => {
    server.close()
    server.closeAllConnections()
  }
}

function privateApp(ports: PrivatePorts): Hono {
  const { presence, log } = ports
  const app = new Hono()
  app.onError(thrown => {
    const error =
      thrown instanceof InvalidInput ? new SpoqError('invalid_request', { message: thrown.message }) : thrown
    if (!(error instanceof SpoqError)) log('error', 'gateway.failed', { error: textOf(error) })
    const problem = toProblem(error)
    return Response.json(problem, { status: problem.status, headers: { 'content-type': problemType } })
  })
  const serve = routesOf<void>(app, async () => {})
  serve(verifyTunnel, ({ body }) => verify(ports, body.token))
  serve(locateMachine, ({ params }) => locate(ports, params.name))
  serve(locateDomain, ({ params }) => locateByDomain(ports, params.domain))
  serve(wakeMachine, async ({ body }) => ({ waking: await ports.wakeUp(body.machine, body.token) }))
  serve(reportTunnels, async ({ body: { gateway, tunnels } }) => {
    const cut = new Set(await stale(ports, tunnels))
    const here = tunnels.map(({ machine }) => machine).filter(machine => !cut.has(machine))
    for (const machine of presence.report(gateway, here)) ports.came(machine)
    return { cut: [...cut] }
  })
  serve(forgetGateway, ({ params }) => presence.forget(params.gateway))
  ports.more(serve)
  return app
}
