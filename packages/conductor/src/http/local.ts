// The local socket: whoever can open it is its owner, so it asks for no token.

import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { SpoqError } from '@spoq/contracts/problem'
import { machineScopes } from '@spoq/contracts/token'
import { routesOf, type ServedRoute } from '@spoq/kit/serve-route'
import { listenOnSocket } from '@spoq/kit/socket-path'
import type { Hono } from 'hono'
import { type AppOptions, appOf, brokenStream } from './app.ts'
import type { Caller, Serve } from './serve.ts'

/** The app of the local socket, with its routes bound by `bind`. */
export function localApp(options: Omit<AppOptions, 'admit'>, bind: (serve: Serve) => void): Hono {
  const app = appOf({ ...options, admit: async () => {} })
  bind(routesOf<Caller>(app, guard, brokenStream(options.logger)))
  return app
}

async function guard({ caller }: ServedRoute): Promise<Caller> {
  if (caller === 'backend') throw new SpoqError('forbidden', { message: "Only the machine's own backend may do this." })
  return { by: 'local', scopes: machineScopes }
}

/**
 * Listens on a unix socket that this user alone can open. What stands there is removed first: the caller holds the
 * folder's lock, so nobody listens on it.
 */
export async function listenLocal(app: Hono, path: string): Promise<Server> {
  rmSync(path, { force: true })
  const server = createServer(getRequestListener(app.fetch))
  await listenOnSocket(server, path)
  return server
}
