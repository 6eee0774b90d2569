// What both listeners share: request id, log line, limits, problem details.

import type { HttpBindings } from '@hono/node-server'
import { writeArchive } from '@spoq/contracts/archive'
import { speaksOpenAi } from '@spoq/contracts/completion'
import { requestIdForm, requestIdHeader } from '@spoq/contracts/http'
import { codes, problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import { maxQuestionBytes } from '@spoq/contracts/session'
import { syncFolder } from '@spoq/contracts/sync'
import { InvalidInput } from '@spoq/kit/serve-route'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { asOpenAi } from '../completion/error.ts'
import type { Logger } from './logger.ts'

interface Variables {
  requestId: string
}

export interface AppOptions {
  logger: Logger
  newId: (kind: string) => string
  now: () => number
  /** Runs before anything of the body is read, also for paths that do not exist; it throws to refuse. */
  admit: (context: Context) => Promise<void>
  /** Told of each request that was let in, with what carries its answer. */
  used?: (path: string, outgoing: HttpBindings['outgoing'] | undefined) => void
}

/** JSON escapes what it carries: a question at its limit may need this much. */
const maxBodyBytes = 2 * maxQuestionBytes

/** An app without routes; whatever goes wrong in one is answered as a problem. */
export function appOf({ logger, newId, now, admit, used }: AppOptions): Hono {
  const app = new Hono<{ Variables: Variables }>()

  app.use(async (context, next) => {
    const start = now()
    const id = requestId(context.req.header(requestIdHeader)) ?? newId('req')
    context.set('requestId', id)
    await next()
    context.header(requestIdHeader, id)
    const { method, path } = context.req
    logger({
      level: 'info',
      message: 'request',
      requestId: id,
      method,
      path,
      status: context.res.status,
      ms: now() - start,
    })
  })
  app.use(async (context, next) => {
    await admit(context)
    used?.(context.req.path, (context.env as Partial<HttpBindings> | undefined)?.outgoing)
    await next()
  })
  const limited = bodyLimit({ maxSize: maxBodyBytes, onError: () => Promise.reject(new SpoqError('too_large')) })
  // What comes as a stream of bytes is read by its route alone, once that knows who sends it.
  app.use((context, next) => (takesBytes(context) ? next() : limited(context, next)))
  app.notFound(context => answer(context, new SpoqError('not_found')))
  app.onError((thrown, context) => {
    const error =
      thrown instanceof InvalidInput ? new SpoqError('invalid_request', { message: thrown.message }) : thrown
    if (!(error instanceof SpoqError))
      logger({ level: 'error', message: 'a request failed', requestId: context.get('requestId'), error })
    return answer(context, error)
  })
  return app as unknown as Hono
}

const takesBytes = ({ req }: Context) =>
  [writeArchive, syncFolder].some(({ method, path }) => req.method === method.toUpperCase() && req.path === path)

/** A reader is told of our own errors when it asks again; a fault is for the log. */
export function brokenStream(logger: Logger): (error: unknown) => void {
  return error => {
    if (!(error instanceof SpoqError)) logger({ level: 'error', message: 'a stream failed', error })
  }
}

function answer(context: Context<{ Variables: Variables }>, error: unknown): Response {
  const body = toProblem(error, context.get('requestId'))
  const headers: Record<string, string> = { 'content-type': problemType, 'cache-control': 'no-store' }
  if (error instanceof SpoqError && error.retryAfter !== undefined) headers['retry-after'] = String(error.retryAfter)
  if (body.status === 401) headers['www-authenticate'] = 'Bearer'
  if (speaksOpenAi(context.req.path)) {
    headers['content-type'] = 'application/json'
    return new Response(JSON.stringify(asOpenAi(body)), { status: body.status, headers })
  }
  return new Response(JSON.stringify(body), { status: codes[body.code].http, headers })
}

/** A caller's own id is kept where it cannot harm a log. */
const requestId = (sent: string | undefined) => (sent && requestIdForm.test(sent) ? sent : undefined)
