// The HTTP side of the backend: request ids, problems, size limit, log. What is served is registered by its nouns.

import { randomBytes } from 'node:crypto'
import { requestIdHeader } from '@spoq/contracts/http'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import { InvalidInput } from '@spoq/kit/serve-route'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type Log, textOf } from '../log.ts'
import { type Authenticate, type RequestState, type Serve, serveOn } from './serve.ts'

const largestBody = 1 << 20

export interface App {
  serve: Serve
  /** Asked when no route fits: pages, and what better-auth serves. Null: not there either. */
  otherwise(handler: (request: Request) => Promise<Response | null>): void
  fetch(request: Request): Promise<Response>
}

/** An app that serves nothing yet. */
export function openApp({ authenticate, log, now }: { authenticate: Authenticate; log: Log; now: () => number }): App {
  const app = new Hono<RequestState>()
  app.use(async (context, next) => {
    const started = now()
    context.set('requestId', requestId(context.req.header(requestIdHeader)))
    context.set('cookies', [])
    await next()
    context.header(requestIdHeader, context.get('requestId'))
    for (const cookie of context.get('cookies')) context.header('set-cookie', cookie, { append: true })
    log('debug', 'http.request', {
      requestId: context.get('requestId'),
      method: context.req.method,
      path: context.req.path,
      status: context.res.status,
      ms: now() - started,
    })
  })
  app.use(
    bodyLimit({
      maxSize: largestBody,
      onError: () => {
        throw new SpoqError('too_large')
      },
    }),
  )
  app.onError((error, context) => answerError(error, context, log))
  app.notFound(context => answerError(new SpoqError('not_found'), context, log))
  return {
    serve: serveOn(app, authenticate),
    otherwise: handler => {
      app.all('*', async context => (await handler(context.req.raw)) ?? context.notFound())
    },
    fetch: async request => await app.fetch(request),
  }
}

/** A client's id is kept when it is harmless in a log; else it gets a new one. */
function requestId(sent: string | undefined): string {
  return sent && /^[\w-]{8,64}$/.test(sent) ? sent : `req_${randomBytes(10).toString('hex')}`
}

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
