// One call of a route: request out, answer or SpoqError back.

import { idempotencyKeyHeader, pathOf, type Route, requestIdHeader } from '@spoq/contracts/http'
import { fromProblem, problem, problemType, SpoqError } from '@spoq/contracts/problem'
import type { Dispatcher } from 'undici'
import type * as z from 'zod/mini'
import type { Target } from './target.ts'

type In<T> = T extends z.ZodMiniType ? z.input<T> : undefined
type Answer<R extends Route> = z.output<R['answer']>

/** What goes with a call; which parts a route takes, its shapes say. */
export interface Sent<R extends Route> {
  params?: In<R['params']>
  query?: In<R['query']>
  body?: In<R['body']>
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
  const text = await response.body.text()
  return readAnswer(target, route, text)
}

/** Validates an answer. Another shape than the contract's means another version, or something that is not Spoq. */
function readAnswer<R extends Route>(target: Target, route: R, text: string): Answer<R> {
  try {
    return route.answer.parse(text === '' ? undefined : JSON.parse(text)) as Answer<R>
  } catch (cause) {
    throw notSpoq(target, `${target.origin} answered ${route.path} in a form that this version does not know.`, cause)
  }
}

/** Sends the request and answers the open response; errors are read and thrown. */
export async function open<R extends Route>(
  target: Target,
  route: R,
  sent: Sent<R>,
  headers: Record<string, string>,
): Promise<Dispatcher.ResponseData> {
  const first = await sendWherever(target, route, sent, headers)
  if (first.statusCode !== 401 || !target.renew) return checked(target, first)
  if (!(await target.renew())) return checked(target, first)
  await first.body.dump()
  return checked(target, await send(target, route, sent, headers))
}

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

/** Node's and undici's faults of a connection have a code; a fault of ours has none. */
const isNetworkFault = (error: unknown) => typeof (error as { code?: unknown }).code === 'string'

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
        accept: route.stream ? 'text/event-stream' : 'application/json',
        ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(sent.idempotencyKey ? { [idempotencyKeyHeader]: sent.idempotencyKey } : {}),
        ...(target.requestId ? { [requestIdHeader]: target.requestId } : {}),
        ...headers,
      },
      body: sent.body === undefined ? null : JSON.stringify(sent.body),
      ...(target.dispatcher ? { dispatcher: target.dispatcher } : {}),
      ...(sent.signal ? { signal: sent.signal } : {}),
      // A stream may be silent for as long as a person thinks about an approval.
      bodyTimeout: route.stream ? 0 : 60_000,
    })
  } catch (cause) {
    if (sent.signal?.aborted || !isNetworkFault(cause)) throw cause
    throw new SpoqError(target.unreachable, { cause, message: unreachableMessage(target) })
  }
}

async function checked(target: Target, response: Dispatcher.ResponseData): Promise<Dispatcher.ResponseData> {
  if (response.statusCode < 400) return response
  const error = await readProblem(target, response)
  throw error.status === 401 ? (clockError(target, response) ?? error) : error
}

async function readProblem(target: Target, response: Dispatcher.ResponseData): Promise<SpoqError> {
  const text = await response.body.text()
  const type = String(response.headers['content-type'] ?? '')
  if (type.startsWith(problemType)) {
    const parsed = problem.safeParse(parseJson(text))
    if (parsed.success) return fromProblem(parsed.data)
  }
  return notSpoq(target, `${target.origin} answered ${response.statusCode}, not as Spoq does.`)
}

const notSpoq = (target: Target, message: string, cause?: unknown) =>
  new SpoqError(target.unreachable === 'server_unknown' ? 'server_not_spoq' : 'machine_unreachable', { message, cause })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A refused token and a Date far from ours: the clock is the likelier fault. */
function clockError(target: Target, response: Dispatcher.ResponseData): SpoqError | undefined {
  const theirs = Date.parse(String(response.headers.date ?? ''))
  const minutes = Math.round((target.now() - theirs) / 60_000)
  if (Number.isNaN(minutes) || Math.abs(minutes) < 2) return undefined
  return new SpoqError('clock_off', {
    message: `This computer's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'} ${target.origin}.`,
  })
}

function unreachableMessage(target: Target): string {
  return target.unreachable === 'server_unknown'
    ? `Nothing answers at ${target.origin}.`
    : 'The machine does not answer.'
}
