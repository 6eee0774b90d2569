// The edge: where requests from outside come in, behind a proxy or on this computer's own network. Everything but
// /health needs a token, unknown paths included.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { ConductorConfig } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { health } from '@spoq/contracts/status'
import { machineScopes } from '@spoq/contracts/token'
import { routesOf, type ServedRoute } from '@spoq/kit/serve-route'
import { listenOnSocket } from '@spoq/kit/socket-path'
import type { Context, Hono } from 'hono'
import type { Access } from '../access/index.ts'
import { asksForSsh } from '../ssh/edge.ts'
import { type AppOptions, appOf, brokenStream } from './app.ts'
import { listenOnPort } from './listen.ts'
import { liveAnswers } from './live.ts'
import { assertScopes } from './scope.ts'
import type { Caller, Serve } from './serve.ts'
import type { EdgeCaller } from './token.ts'

export interface Guard {
  /** Says whose token stands in an `Authorization` header, see `tokenCheck`. */
  check: (authorization: string | undefined) => Promise<EdgeCaller>
  access: Access
}

/** The app of the edge, with its routes bound by `bind`; those for the local socket alone answer 403. */
export function edgeApp(
  options: Omit<AppOptions, 'admit'>,
  { check, access }: Guard,
  bind: (serve: Serve) => void,
): Hono {
  const callers = new WeakMap<Context, EdgeCaller>()
  const live = liveAnswers()
  access.onChange(() => live.cut(access.assertAllowed))
  const admit = async (context: Context) => {
    if (context.req.path === health.path) return
    const caller = await check(context.req.header('authorization'))
    // Watched first: a change in between would find neither of the two.
    live.watch(caller, (context.env as HttpBindings).outgoing)
    access.assertAllowed(caller)
    callers.set(context, caller)
  }
  const app = appOf({ ...options, admit })
  const guard = async (route: ServedRoute, context: Context) => {
    if (route.caller === 'local')
      throw new SpoqError('forbidden', { message: 'This can be done through the local socket only.' })
    const caller = callers.get(context)
    if (route.caller === 'anyone') return caller ?? { by: 'anyone', scopes: [] }
    if (!caller) throw new SpoqError('not_signed_in')
    assertKind(route, caller)
    assertScopes(neededFor(route), caller.scopes)
    return caller
  }
  bind(routesOf<Caller>(app, guard, brokenStream(options.logger)))
  return app
}

/** The backend's own token opens what is for the backend and nothing else; no member's token opens that. */
function assertKind(route: ServedRoute, { account }: EdgeCaller): void {
  const forBackend = route.caller === 'backend'
  if (forBackend && account !== null)
    throw new SpoqError('forbidden', { message: "Only the machine's own backend may do this." })
  if (!forBackend && account === null)
    throw new SpoqError('forbidden', { message: 'The backend may not do this: it needs a token of a member.' })
}

/** A route that says nothing asks for all that can be done on a machine. */
const neededFor = ({ scope }: ServedRoute) => (scope === 'any' ? [] : scope === undefined ? machineScopes : [scope])

/** Listens where the configuration says; answers the address as others reach it, null for a socket. */
export async function listenEdge(
  app: Hono,
  edge: NonNullable<ConductorConfig['edge']>,
  folder: string,
): Promise<{ server: Server; endpoint: string | null }> {
  const listener = getRequestListener(app.fetch)
  if ('socket' in edge) {
    rmSync(edge.socket, { force: true })
    const server = createServer(patient, listener)
    // Of the proxy's group, by the folder that it stands in. Whoever opens it still needs a token.
    await listenOnSocket(server, edge.socket, 'group')
    return { server, endpoint: null }
  }
  const { server, port } = await bound(listener, edge, folder)
  const host = edge.host.includes(':') ? `[${edge.host}]` : edge.host
  return { server, endpoint: `http://${host}:${port}` }
}

/** An archive comes for as long as it takes; who sends nothing is cut off by the proxy, or was let in by a token. */
const patient = { requestTimeout: 6 * 3_600_000, shouldUpgradeCallback: asksForSsh }

type Listener = ReturnType<typeof getRequestListener>

/** Port 0 is the one of the last time, so that the address stays the same; when that is taken now, any free one. */
async function bound(listener: Listener, { host, port }: { host: string; port: number }, folder: string) {
  const kept = join(folder, 'edge-port')
  const last = port === 0 ? readPort(kept) : port
  let server = createServer(patient, listener)
  let actual: number
  try {
    actual = await listenOnPort(server, host, last)
  } catch (error) {
    if (port !== 0 || !(error instanceof SpoqError)) throw error
    server = createServer(patient, listener)
    actual = await listenOnPort(server, host, 0)
  }
  if (port === 0) writeFileSync(kept, String(actual), { mode: 0o600 })
  return { server, port: actual }
}

function readPort(file: string): number {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
  } catch {
    return 0
  }
}
