// One request from outside: whose machine is meant, and the way there.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setAccess } from '@spoq/contracts/access'
import type { Whereabouts } from '@spoq/contracts/gateway'
import { requestIdForm, requestIdHeader } from '@spoq/contracts/http'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import { type Hub, isOdd, TunnelAway, TunnelBroken, TunnelFull } from '@spoq/kit/tunnel'
import { type Log, textOf } from '../log.ts'
import type { Backend } from './backend.ts'
import { askPath } from './caddy/site.ts'
import { type Hold, pathOf } from './hold.ts'
import type { Others } from './others.ts'
import { isOwnName, type Place, placeOf, placeOfHost } from './place.ts'

export interface AnswerPorts {
  domain: string
  hub: Hub
  backend: Backend
  hold: Hold
  others: Others
  log: Log
}

/** Answers it, whatever happens. */
export async function answer(ports: AnswerPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await forward(ports, request, response)
  } catch (thrown) {
    if (!response.destroyed && !response.headersSent) refuse(request, response, errorOf(thrown))
    if (!isExpected(thrown)) ports.log('error', 'gateway.failed', { error: textOf(thrown) })
  }
}

async function forward(ports: AnswerPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { hub, domain } = ports
  if (isOdd(request)) throw new SpoqError('invalid_request')
  const place = placeOf(request, domain)
  if (isOwnName(place?.name) && request.url === '/health') return void json(response, 200, { status: 'ok' })
  if (place === null && pathOf(request) === askPath) return void (await allow(ports, request, response))
  const found = place === null || isOwnName(place.name) ? null : await locate(ports, place)
  if (!place || !found) throw new SpoqError('not_found', { message: 'No machine has that name.' })
  const isUp = found.running && (found.ready || isToBeTold(request))
  if (isUp && hub.has(found.machine)) return hub.forward(found.machine, request, response)
  if (isUp && (await ports.others.forward(request, response))) return
  // It is said to run: whether and when it connects again nobody knows.
  if (found.running && found.ready) throw new SpoqError('machine_away', { retryAfter: 5 })
  await ports.hold(place, found, request, response)
  return hub.forward(found.machine, request, response)
}

/** Caddy asks whether it may have a certificate for a name: for none that leads nowhere. */
async function allow(
  { backend, domain }: AnswerPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = new URLSearchParams(request.url?.split('?', 2)[1]).get('domain') ?? ''
  const place = placeOfHost(asked, domain)
  const isOurs = isOwnName(place?.name) || (place !== null && (await backend.locate(place)) !== null)
  if (!isOurs) throw new SpoqError('not_found', { message: 'No machine has that name.' })
  json(response, 200, { status: 'ok' })
}

/** Of one that cannot be asked it is looked again: what is known may be from before it fell asleep, or was there. */
async function locate({ hub, backend }: AnswerPorts, place: Place): Promise<Whereabouts | null> {
  const known = await backend.locate(place)
  const isThere = known?.running && known.ready && hub.has(known.machine)
  return known && !isThere ? backend.locate(place, 50) : known
}

/** A machine that comes up is told its access, which no token but the backend's is good for, before anybody else is let through. */
const isToBeTold = (request: IncomingMessage) => pathOf(request) === setAccess.path

function errorOf(thrown: unknown): SpoqError {
  if (thrown instanceof SpoqError) return thrown
  if (thrown instanceof TunnelAway) return new SpoqError('machine_away', { retryAfter: 2 })
  if (thrown instanceof TunnelFull)
    return new SpoqError('machine_away', { message: 'The machine has too many requests at a time.', retryAfter: 1 })
  if (thrown instanceof TunnelBroken)
    return new SpoqError('machine_unreachable', { message: 'The machine went away before it answered.' })
  return new SpoqError('internal')
}

const isExpected = (thrown: unknown) =>
  [SpoqError, TunnelAway, TunnelFull, TunnelBroken].some(kind => thrown instanceof kind)

/** What is left of the body is not read, so that the connection cannot carry another request. */
function refuse(request: IncomingMessage, response: ServerResponse, error: SpoqError): void {
  const sent = String(request.headers[requestIdHeader] ?? '')
  const body = toProblem(error, requestIdForm.test(sent) ? sent : undefined)
  const headers: Record<string, string> = { 'cache-control': 'no-store' }
  if (error.retryAfter !== undefined) headers['retry-after'] = String(error.retryAfter)
  if (!request.complete) headers.connection = 'close'
  json(response, body.status, body, { 'content-type': problemType, ...headers })
}

function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}
