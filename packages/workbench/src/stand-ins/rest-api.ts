// What the stand-ins of REST APIs share: routes with closed shapes, a key, the official document held against every
// request that was taken and every answer, and weathers: what goes wrong on the way there and back.

import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import { type Exchange, type OfficialDocument, officialDocument } from '../official/document.ts'
import type { Json } from '../official/schema.ts'
import { json, type Running, readText, serveHttp } from './http.ts'

/**
 * What happens to one request: `lost`: it is done and the connection cut; `half`: it is done, and half of the answer comes;
 * `hang`: it is done, and no answer comes; `fault`: 500 and done, `down`: 503 and not done; `busy`: 429 with Retry-After, not done.
 */
export type Weather = 'lost' | 'half' | 'hang' | 'fault' | 'down' | 'busy'
export const weathers: readonly Weather[] = ['lost', 'half', 'hang', 'fault', 'down', 'busy']

export interface Call {
  params: Record<string, string>
  query: URLSearchParams
  body: unknown
  headers: IncomingMessage['headers']
}

export interface Answer {
  status: number
  body?: unknown
}

export interface Route {
  method: string
  /** `/servers/{id}` */
  path: string
  /** A body of another shape is refused. Left out: no body. */
  body?: z.ZodType
  /** Names of the query's parameters. */
  query?: readonly string[]
  /** Without a key. */
  open?: true
  /** Beside the official document: where tokens come from. */
  apart?: true
  answer: (call: Call) => Answer | Promise<Answer>
}

export interface RestApi extends Running {
  /** The next requests whose `METHOD /path` matches meet this weather, one each in order. */
  weather(match: RegExp, ...next: Weather[]): void
  /** `METHOD /path` of every request, oldest first. */
  requests: string[]
  /** What was not valid against the official document. Anything here is a fault of ours. */
  invalid: string[]
  /** Whether there is an official document to be held against. */
  official: boolean
}

export interface RestOptions {
  /** The official document's name; left out where there is none. */
  document?: string
  /** Where its paths start in the stand-in's addresses: `/v1`. */
  base?: string
  amend?: (document: Json) => void
  /** Whether a request may come in. */
  allows: (headers: IncomingMessage['headers']) => boolean
  /** An error as this service writes it. */
  error: (status: number, code: string, message: string) => unknown
  routes: readonly Route[]
  /** What tells when to come again, with a 429. Default: a Retry-After of a second. */
  pause?: () => Record<string, string>
}

/** Thrown by a route: what the service would answer. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message = code) {
    super(message)
    this.status = status
    this.code = code
  }
}

export async function startRestApi(options: RestOptions): Promise<RestApi> {
  const { base = '', routes, error } = options
  const official = options.document ? await documentOf(options.document, options.amend) : null
  const coming: { match: RegExp; weather: Weather }[] = []
  const requests: string[] = []
  const invalid: string[] = []
  const known = routes.map(route => ({ ...route, pattern: patternOf(route.path) }))

  const running = await serveHttp(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : url.pathname
    const name = `${request.method} ${path}`
    requests.push(name)
    const text = await readText(request)
    const met = coming.findIndex(({ match }) => match.test(name))
    const weather = met < 0 ? undefined : coming.splice(met, 1)[0]?.weather
    if (weather === 'busy')
      return json(
        response,
        429,
        error(429, 'rate_limit_exceeded', 'too many requests'),
        options.pause?.() ?? { 'retry-after': '1' },
      )
    if (weather === 'down') return json(response, 503, error(503, 'unavailable', 'try again later'))
    const answer = await answered(request, path, url.searchParams, text)
    if (weather === undefined) return send(response, answer)
    if (weather === 'fault') return json(response, 500, error(500, 'server_error', 'something broke'))
    if (weather === 'hang') return
    if (weather === 'half') halfOf(response, answer)
    response.destroy()
  })

  async function answered(request: IncomingMessage, path: string, query: URLSearchParams, text: string) {
    const exchange: Exchange = { method: String(request.method), path, query, body: bodyOf(request, text) }
    try {
      const { apart, ...answer } = await routed(request, exchange)
      if (official && !apart && answer.status < 400) {
        invalid.push(...official.request(exchange).map(fault => `${request.method} ${path}: ${fault}`))
        invalid.push(
          ...official.answer(exchange, answer.status, answer.body).map(fault => `${request.method} ${path}: ${fault}`),
        )
      }
      return answer
    } catch (thrown) {
      const { status, code, message } =
        thrown instanceof Refusal ? thrown : new Refusal(500, 'stand_in', String(thrown))
      return { status, body: error(status, code, message) }
    }
  }

  async function routed(request: IncomingMessage, { method, path, query, body }: Exchange) {
    const route = known.find(one => one.method === method && one.pattern.test(path))
    if (!route) throw new Refusal(404, 'not_found', `no such operation: ${method} ${path}`)
    if (!route.open && !options.allows(request.headers))
      throw new Refusal(401, 'unauthorized', 'unable to authenticate')
    const stray = [...query.keys()].filter(key => !route.query?.includes(key))
    if (stray.length > 0) throw new Refusal(400, 'invalid_input', `unknown parameter ${stray}`)
    const parsed = (route.body ?? z.undefined()).safeParse(body)
    if (!parsed.success) throw new Refusal(422, 'invalid_input', z.prettifyError(parsed.error))
    const params = { ...(route.pattern.exec(path)?.groups ?? {}) }
    const answer = await route.answer({ params, query, body: parsed.data, headers: request.headers })
    return { ...answer, apart: route.apart }
  }

  return {
    ...running,
    url: `${running.url}${base}`,
    weather: (match, ...next) => void coming.push(...next.map(weather => ({ match, weather }))),
    requests,
    invalid,
    official: official !== null,
  }
}

/** Of all stand-ins of a process: some have megabytes. */
const documents = new Map<string, OfficialDocument | null>()
/** The official document, read once; null where it is not there. */
export async function documentOf(name: string, amend: RestOptions['amend']): Promise<OfficialDocument | null> {
  const known = documents.get(name)
  if (known !== undefined) return known
  const opened = officialDocument(name, amend)
  documents.set(name, opened)
  return opened
}

/** `/servers/{id}` as a pattern with the group `id`. */
export const patternOf = (path: string) => new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

function bodyOf(request: IncomingMessage, text: string): unknown {
  if (text === '') return undefined
  if (request.headers['content-type']?.includes('form')) return Object.fromEntries(new URLSearchParams(text))
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'json_error', 'no JSON')
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) response.writeHead(status).end()
  else json(response, status, body)
}

/** Half of an answer. */
export function halfOf(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body ?? {})
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length + 10 })
  response.write(text.slice(0, text.length / 2))
}
