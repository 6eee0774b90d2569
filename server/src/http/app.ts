// The HTTP side of the backend: request ids, problems, size limit, log. What is served is registered by its nouns.

import { randomBytes } from 'node:crypto'
import { requestIdForm, requestIdHeader } from '@spoq/contracts/http'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import { InvalidInput } from '@spoq/kit/serve-route'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { matchedRoutes } from 'hono/route'
import { type Log, textOf } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { addressOf } from './from.ts'
import { type Authenticate, type CountRequest, type RequestState, type Serve, serveOn } from './serve.ts'

const largestBody = 1 << 20
/** Calls of models carry images. */
const largestCall = 32 << 20

export interface App {
  serve: Serve
  /** Asked when no route fits: pages, and what better-auth serves. Null: not there either. */
  otherwise(handler: (request: Request, requestId: string) => Promise<Response | null>): void
  fetch(request: Request): Promise<Response>
}

interface AppOptions {
  authenticate: Authenticate
  log: Log
  now: () => number
  /** Told of each request, for the metrics. */
  answered?: Metrics['answered']
  /** Counts each request. Default: without limits. */
  count?: CountRequest
  /** Whether an account runs this server. Default: none does. */
  isAdmin?: (account: string) => Promise<boolean>
  /** Whether the database does not answer just now; asked when something failed that nobody knows. */
  isAway?: () => Promise<boolean>
}

/** An app that serves nothing yet. */
export function openApp({
  authenticate,
  log,
  now,
  answered = () => {},
  count = () => {},
  isAdmin = async () => false,
  isAway,
}: AppOptions): App {
  const app = new Hono<RequestState>()
  app.use(async (context, next) => {
    const started = now()
    context.set('requestId', requestId(context.req.header(requestIdHeader)))
    context.set('cookies', [])
    await next()
    context.header(requestIdHeader, context.get('requestId'))
    for (const cookie of context.get('cookies')) context.header('set-cookie', cookie, { append: true })
    const { method, path } = context.req
    const { status } = context.res
    const ms = now() - started
    log('debug', 'http.request', { requestId: context.get('requestId'), method, path, status, ms })
    answered({ method, route: templateOf(context), status, seconds: ms / 1_000 })
  })
  const atMost = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw new SpoqError('too_large')
      },
    })
  const [usual, ofModels] = [atMost(largestBody), atMost(largestCall)]
  app.use((context, next) => (context.req.path.startsWith('/model/') ? ofModels : usual)(context, next))
  const orAway = async (error: unknown) =>
    !(error instanceof SpoqError) && !(error instanceof InvalidInput) && (await isAway?.())
      ? databaseAway(error)
      : error
  app.onError(async (error, context) => answerError(await orAway(error), context, log))
  app.notFound(context => answerError(new SpoqError('not_found'), context, log))
  return {
    serve: serveOn(app, authenticate, count, isAdmin),
    otherwise: handler => {
      app.all('*', async context => {
        const kind = kindOf(context.req.path)
        if (kind) count(kind, addressOf(context.req.raw))
        const answer = await handler(context.req.raw, context.get('requestId'))
        if (answer?.status === 500 && (await isAway?.())) throw databaseAway(undefined)
        return answer ?? context.notFound()
      })
    },
    fetch: async request => await app.fetch(request),
  }
}

/** What is the same for everybody counts for nobody. Devices poll for their token, and take a refusal for the end. */
function kindOf(path: string): 'address' | 'token' | null {
  // What a signature lets in comes in bursts, and would come again.
  if (/^\/(openapi\.json|\.well-known\/.*|identity\/jwks|webhooks\/.*|model\/.*)$/.test(path)) return null
  return /^\/(identity\/oauth2\/token|auth\/device\/token|auth\/refresh)$/.test(path) ? 'token' : 'address'
}

/** What was asked for, without its values; all that is no route of ours is one. */
function templateOf(context: Context): string {
  return matchedRoutes(context).find(({ path }) => !path.includes('*'))?.path ?? 'other'
}

/** A client's id is kept when it is harmless in a log; else it gets a new one. */
function requestId(sent: string | undefined): string {
  return sent && requestIdForm.test(sent) ? sent : `req_${randomBytes(10).toString('hex')}`
}

const databaseAway = (cause: unknown) =>
  new SpoqError('unavailable', { cause, message: 'The database does not answer.', retryAfter: 2 })

function answerError(thrown: unknown, context: Context<RequestState>, log: Log): Response {
  const error = thrown instanceof InvalidInput ? new SpoqError('invalid_request', { message: thrown.message }) : thrown
  const problem = toProblem(error, context.get('requestId'))
  if (!(error instanceof SpoqError))
    log('error', 'http.failed', { requestId: context.get('requestId'), error: textOf(error) })
  context.header('content-type', problemType)
  context.header('cache-control', 'no-store')
  // What is left of the body is not read: whoever sends more on this connection would be cut off.
  if (problem.code === 'too_large') context.header('connection', 'close')
  if (error instanceof SpoqError && error.retryAfter) context.header('retry-after', String(error.retryAfter))
  return context.body(JSON.stringify(problem), problem.status as 400)
}
