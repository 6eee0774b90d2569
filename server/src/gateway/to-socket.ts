// A machine whose edge is a socket on this very computer needs no tunnel.

import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { relay, requestHeaders, type Upstream, usualLimits } from '@spoq/kit/tunnel'

const agent = new Agent({ keepAlive: true, maxSockets: 256, maxTotalSockets: 4_096 })

/** Relays a request to a socket. @throws TunnelBroken before an answer began. */
export async function forwardToSocket(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const crossing = Object.entries(requestHeaders(request)).filter(([name]) => !name.startsWith(':'))
  const headers = { ...Object.fromEntries(crossing), host: 'machine' }
  const { method, url } = request
  const upstream = httpRequest({ socketPath: path, method, path: url, headers, agent })
  await relay(request, response, upstreamOf(upstream, request), usualLimits.answerMs)
}

function upstreamOf(upstream: ReturnType<typeof httpRequest>, request: IncomingMessage): Upstream {
  const { promise: answer, resolve, reject } = Promise.withResolvers<Awaited<Upstream['answer']>>()
  upstream.once('response', response =>
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response }),
  )
  upstream.once('error', reject)
  answer.catch(() => {})
  const isEmpty = request.headers['transfer-encoding'] === undefined && !Number(request.headers['content-length'] ?? 0)
  if (isEmpty) upstream.end()
  return { body: upstream, answer, cancel: () => upstream.destroy() }
}
