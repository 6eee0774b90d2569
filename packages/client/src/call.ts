// One call of a route: request out, answer or SpoqError back.

import { idempotencyKeyHeader, pathOf, type Route, requestIdHeader } from '@spoq/contracts/http'
import { fromProblem, problem, problemType, SpoqError } from '@spoq/contracts/problem'
import { type Dispatcher, request } from 'undici'
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
  return route.answer.parse(text === '' ? undefined : JSON.parse(text)) as Answer<R>
}

/** Sends the request and answers the open response; errors are read and thrown. */
export async function open<R extends Route>(
  target: Target,
  route: R,
  sent: Sent<R>,
  headers: Record<string, string>,
): Promise<Dispatcher.ResponseData> {
  const first = await send(target, route, sent, headers)
  if (first.statusCode !== 401 || !target.renew) return checked(target, first)
  if (!(await target.renew())) return checked(target, first)
  await first.body.dump()
  return checked(target, await send(target, route, sent, headers))
}

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
    if (sent.signal?.aborted) throw cause
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
    const parsed = problem.safeParse(JSON.parse(text))
    if (parsed.success) return fromProblem(parsed.data)
  }
  return new SpoqError(target.unreachable === 'server_unknown' ? 'server_not_spoq' : 'machine_unreachable', {
    message: `${target.origin} answered ${response.statusCode}, not as Spoq does.`,
  })
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
