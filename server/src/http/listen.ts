// The listening socket. It is opened first of all, so that a taken port is known at once and port 0 has become a number;
// until the backend is ready every request gets `unavailable`.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import { proxyList, stampPeer } from './peer.ts'

type Fetch = (request: Request) => Promise<Response>

export interface Listener {
  port: number
  /** From now on requests go here. */
  answer(fetch: Fetch): void
  /** Takes no new request and ends when those that run are answered, or after `patienceMs`. */
  close(patienceMs: number): Promise<void>
}

interface ListenOptions {
  /** What an error calls the host and the port. */
  variables?: Variables
  /** Proxies whose word is taken for where a request came from. */
  trustedProxy?: readonly string[]
}

/**
 * Listens; port 0 takes any free one.
 * @throws SpoqError `port_taken`, or `config_invalid` for a host that is not this computer's.
 */
export async function listen(host: string, port: number, options: ListenOptions = {}): Promise<Listener> {
  const { variables = ['SERVER_HOST', 'SERVER_PORT'], trustedProxy = [] } = options
  const proxies = proxyList(trustedProxy)
  let fetch: Fetch = notReady
  const respond = getRequestListener(request => fetch(ofWholeCloth(request)), { overrideGlobalObjects: false })
  const server = createServer((request, response) => {
    stampPeer(request, proxies)
    void respond(request, response)
  })
  await bind(server, host, port, variables)
  return {
    port: (server.address() as AddressInfo).port,
    answer(ready) {
      fetch = ready
    },
    close: patienceMs => close(server, patienceMs),
  }
}

/**
 * A body without a length is read through a copy of the request, and Node's own Request copies none but its own: what the
 * listener hands over looks like one and is none.
 */
function ofWholeCloth(request: Request): Request {
  const { url, method, headers, signal } = request
  if (method === 'GET' || method === 'HEAD' || headers.has('content-length')) return request
  const body = headers.has('transfer-encoding') ? request.body : null
  return new Request(url, { method, headers, signal, body, duplex: 'half' } as RequestInit)
}

type Variables = readonly [host: string, port: string]

async function bind(server: Server, host: string, port: number, variables: Variables): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await promise.catch(cause => {
    throw bindError(cause, host, port, variables)
  })
  server.off('error', reject)
}

function bindError(cause: NodeJS.ErrnoException, host: string, port: number, variables: Variables): SpoqError {
  if (cause.code === 'EADDRINUSE') {
    const flag = variables[1] === 'SERVER_PORT' ? ' (spoq up: --port)' : ''
    const next = `Choose another with ${variables[1]}${flag}; 0 takes any free one.`
    return new SpoqError('port_taken', { cause, message: `Port ${port} of ${host} is taken by another program.`, next })
  }
  const message = `${variables.join(', ')}: cannot listen on ${host}:${port} (${cause.code}).`
  return new SpoqError('config_invalid', { cause, message })
}

/** A connection whose last request was answered is closed at once, not when its client gives it up. */
async function close(server: Server, patienceMs: number): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs)
  await new Promise<void>(done => {
    server.close(() => done())
  })
  clearInterval(idle)
  clearTimeout(cut)
}

async function notReady(): Promise<Response> {
  const problem = toProblem(new SpoqError('unavailable'))
  const headers = { 'content-type': problemType, 'retry-after': '1' }
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}
