// Binds the contracts' routes to a Hono app, the same way in the backend and in a Conductor: guard, validate, act, answer.

import type { Context, Hono } from 'hono'
import type * as z from 'zod/mini'
import { eventStream } from './event-stream.ts'

/** What is read of a route; the contracts' routes have this form. */
export interface ServedRoute {
  method: 'get' | 'post' | 'put' | 'delete'
  path: string
  caller: string
  scope?: string
  params?: z.ZodMiniType
  query?: z.ZodMiniType
  body?: z.ZodMiniType
  status: 200 | 201 | 202 | 204
  answer: z.ZodMiniType
  stream?: true
  answersBytes?: string
  takesBytes?: string
}

/** What a shape lets through; a route without that shape gives nothing that anything can be done with. */
type Out<T> = NonNullable<T> extends z.ZodMiniType ? z.output<NonNullable<T>> : undefined

/** A request whose parts were all validated by the route's shapes. */
export interface Input<R extends ServedRoute> {
  params: Out<R['params']>
  query: Out<R['query']>
  body: Out<R['body']>
  /** The body of a route that takes bytes, unread. */
  bytes: ReadableStream<Uint8Array> | null
  header: (name: string) => string | undefined
  /** Ends when the client goes away. */
  signal: AbortSignal
}

type Answered<R extends ServedRoute> = [R['stream']] extends [true]
  ? AsyncIterable<z.output<R['answer']> & { id: number }>
  : undefined extends z.output<R['answer']>
    ? // biome-ignore lint/suspicious/noConfusingVoidType: a handler that answers nothing need not say so
      z.output<R['answer']> | void
    : z.output<R['answer']>

/** Acts on a validated request of a known caller. */
export type Handler<R extends ServedRoute, Caller> = (
  input: Input<R>,
  caller: Caller,
) => Promise<Answered<R>> | Answered<R>

/** Something in a request does not have the route's shape. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput'
}

/**
 * Answers `serve(route, handler)` for an app. `guard` says who is calling, or throws; it runs before anything of the
 * request is read. What is thrown reaches the app's own onError; what a stream throws after its beginning, `broken`.
 */
export function routesOf<Caller>(
  app: Hono,
  guard: (route: ServedRoute, context: Context) => Promise<Caller>,
  broken: (error: unknown) => void = () => {},
) {
  return function serve<R extends ServedRoute>(route: R, handler: Handler<R, Caller>): void {
    app.on(route.method.toUpperCase(), honoPath(route.path), async context => {
      const caller = await guard(route, context)
      const answer = await handler(await readInput(route, context), caller)
      // A route of somebody else's wire format makes its own.
      if (answer instanceof Response) return answer
      if (route.stream) return eventStream(answer as AsyncIterable<{ id: number }>, broken)
      if (route.answersBytes)
        return new Response(answer as ReadableStream, { headers: { 'content-type': route.answersBytes } })
      return answer === undefined ? context.body(null, route.status) : Response.json(answer, { status: route.status })
    })
  }
}

const honoPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1')

async function readInput<R extends ServedRoute>(route: R, context: Context): Promise<Input<R>> {
  return {
    params: parse('path', route.params, context.req.param()) as Out<R['params']>,
    query: parse('query', route.query, context.req.query()) as Out<R['query']>,
    body: parse('body', route.body, route.body ? await json(context) : undefined) as Out<R['body']>,
    bytes: typed(route, context),
    header: name => context.req.header(name),
    signal: context.req.raw.signal,
  }
}

function parse(part: string, shape: z.ZodMiniType | undefined, value: unknown): unknown {
  if (!shape) return undefined
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new InvalidInput(`${[part, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not valid'}`)
}

function typed({ takesBytes }: ServedRoute, context: Context): ReadableStream<Uint8Array> | null {
  if (takesBytes && context.req.header('content-type') !== takesBytes)
    throw new InvalidInput(`body: content-type is not ${takesBytes}`)
  return takesBytes ? context.req.raw.body : null
}

async function json(context: Context): Promise<unknown> {
  if (!/^application\/json\b/.test(context.req.header('content-type') ?? ''))
    throw new InvalidInput('body: content-type is not application/json')
  try {
    return await context.req.json()
  } catch {
    throw new InvalidInput('body: not valid JSON')
  }
}
