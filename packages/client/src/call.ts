// One call of a route: request out, answer or SpoqError back.

import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { idempotencyKeyHeader, pathOf, type Route, requestIdHeader } from '@spoq/contracts/http'
import { SpoqError } from '@spoq/contracts/problem'
import type { Dispatcher } from 'undici'
import type * as z from 'zod/mini'
import { type Answer, checked, isNetworkFault, readAnswer, readText, unreachable } from './answer.ts'
import type { Target } from './target.ts'

type In<T> = T extends z.ZodMiniType ? z.input<T> : undefined

/** What goes with a call; which parts a route takes, its shapes say. */
export interface Sent<R extends Route> {
  params?: In<R['params']>
  query?: In<R['query']>
  body?: In<R['body']>
  /** The body of a route that takes bytes; a stream can be sent once. */
  bytes?: Readable | Uint8Array
  /** Makes a repeated POST harmless. */
  idempotencyKey?: string
  signal?: AbortSignal
}

/**
 * Calls a route and validates its answer.
 * @throws SpoqError with the code that the other side answered, or the target's `unreachable`, `server_not_spoq`, `clock_off`.
 */
export async function call<R extends Route>(target: Target, route: R, sent: Sent<R> = {}): Promise<Answer<R>> {
  const response = await open(target, route, sent, {})
  return readAnswer(target, route, await readText(target, response))
}

/** Sends the request and answers the open response; errors are read and thrown. */
export async function open<R extends Route>(
  target: Target,
  route: R,
  sent: Sent<R>,
  headers: Record<string, string>,
): Promise<Dispatcher.ResponseData> {
  const first = await sendPatiently(target, route, sent, headers)
  if (first.statusCode !== 401 || !target.renew || isStream(sent)) return checked(target, first)
  if (!(await target.renew())) return checked(target, first)
  await first.body.dump()
  return checked(target, await send(target, route, sent, headers))
}

/**
 * Sends, and again to a machine that says to come back within seconds: it then did nothing of what it was asked. It may be
 * waking, or going to sleep. A stream is asked for again by who follows it.
 */
async function sendPatiently<R extends Route>(
  target: Target,
  route: R,
  sent: Sent<R>,
  headers: Record<string, string>,
): Promise<Dispatcher.ResponseData> {
  for (let tries = 0; ; tries++) {
    const response = await sendWherever(target, route, sent, headers)
    const seconds = Number(response.headers['retry-after'])
    const isSoon = response.statusCode === 503 && seconds > 0 && seconds <= longestSeconds
    const isOnce = route.stream || isStream(sent) || target.unreachable !== 'machine_unreachable'
    if (!isSoon || isOnce || tries >= mostTries) return response
    await response.body.dump()
    await sleep(seconds * 1_000, undefined, { signal: sent.signal })
  }
}

/** What was sent of a stream cannot be sent again. */
const isStream = ({ bytes }: Pick<Sent<Route>, 'bytes'>) => bytes !== undefined && !(bytes instanceof Uint8Array)

const longestSeconds = 5
const mostTries = 2

/** Sends, and once more to where the other side went when nothing was there to take the request. */
async function sendWherever<R extends Route>(
  target: Target,
  route: R,
  sent: Sent<R>,
  headers: Record<string, string>,
): Promise<Dispatcher.ResponseData> {
  try {
    return await send(target, route, sent, headers)
  } catch (error) {
    if (!isUnsent(error) || !(await target.relocate?.())) throw error
    return send(target, route, sent, headers)
  }
}

/** No connection came about, so that nothing can have been done. */
function isUnsent(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  return code !== undefined && connectFaults.includes(code)
}

const connectFaults = ['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']

async function send<R extends Route>(
  target: Target,
  route: R,
  sent: Sent<R>,
  headers: Record<string, string>,
): Promise<Dispatcher.ResponseData> {
  const url = new URL(pathOf(route.path, sent.params as Record<string, string>), target.origin)
  for (const [key, value] of Object.entries(sent.query ?? {}))
    if (value !== undefined) url.searchParams.set(key, String(value))
  const token = await target.token?.()
  const { request } = await import('./http.ts')
  try {
    return await request(url, {
      method: route.method.toUpperCase() as Dispatcher.HttpMethod,
      headers: {
        accept: route.stream ? 'text/event-stream' : (route.answersBytes ?? 'application/json'),
        ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(sent.bytes && route.takesBytes ? { 'content-type': route.takesBytes } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(sent.idempotencyKey ? { [idempotencyKeyHeader]: sent.idempotencyKey } : {}),
        ...(target.requestId ? { [requestIdHeader]: target.requestId } : {}),
        ...headers,
      },
      body: sent.bytes ?? (sent.body === undefined ? null : JSON.stringify(sent.body)),
      ...(target.dispatcher ? { dispatcher: target.dispatcher } : {}),
      ...(sent.signal ? { signal: sent.signal } : {}),
      // A stream beats every 15 s however long a person thinks about an approval: a silent one is a dead connection.
      ...(sent.bytes ? { headersTimeout: workMs } : {}),
      bodyTimeout: route.stream ? (target.silenceMs ?? silenceMs) : 60_000,
    })
  } catch (cause) {
    if (sent.signal?.aborted || !isNetworkFault(cause)) throw cause
    if ((cause as NodeJS.ErrnoException).code === 'EACCES') throw notYourSocket(cause)
    throw unreachable(target, cause)
  }
}

const silenceMs = 50_000
/** What takes bytes may have to write all of them to its disk before it answers. */
const workMs = 30 * 60_000

const notYourSocket = (cause: unknown) =>
  new SpoqError('forbidden', {
    cause,
    message: "The machine's socket belongs to another user.",
    next: 'Log in as the user that owns it.',
  })
