// Stripe's API as HTTP: keys, versions, forms, errors in its form, Idempotency-Keys, and what goes wrong on the way.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OfficialDocument } from '../../official/document.ts'
import type { Json } from '../../official/schema.ts'
import { readText, serveHttp } from '../http.ts'
import { halfOf, patternOf, type Weather } from '../rest-api.ts'
import { broken, failed, refusalOf, send, tooMany, unknownUrl } from './answers.ts'
import { notTooDeep, shown } from './expand.ts'
import { decodeForm } from './form.ts'
import { idempotency, type Kept } from './idempotency.ts'
import { StripeRefusal } from './refusal.ts'
import type { StripeRoute } from './route.ts'
import { newId, type World } from './world.ts'

/** Beside those of the other stand-ins: `cut`: not done and the connection cut; `slow`: done after a while, the key in use meanwhile. */
export type StripeWeather = Weather | 'cut' | 'slow'

export interface ServerOptions {
  key: string
  apiVersion: string
  routes: readonly StripeRoute[]
  official: OfficialDocument | null
  slowMs: number
  /** Known once it listens. */
  world: (url: string) => World
  /** Who asked: told in the events that come of it. */
  asking: (request: { id: string; key: string | null } | null) => void
  /** What is not the API: pages. False when it is none of it. */
  page: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
}

export interface Asking {
  method: string
  path: string
  ask: unknown
  key: string | null
  status: number
}

export async function serveStripe(options: ServerOptions) {
  const coming: { match: RegExp; weather: StripeWeather }[] = []
  const requests: string[] = []
  const invalid: string[] = []
  const asked: Asking[] = []
  const known = options.routes
    .map(route => ({ ...route, pattern: patternOf(route.path) }))
    // A path without parameters goes before one that has some in its place.
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)
  let keys: ReturnType<typeof idempotency>
  let world: World

  const running = await serveHttp(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    if (!url.pathname.startsWith('/v1/')) {
      if (!(await options.page(request, response))) send(response, failed(404, unknownUrl(request, url)), {})
      return
    }
    const name = `${request.method} ${url.pathname}`
    requests.push(name)
    const text = await readText(request)
    const met = coming.findIndex(({ match }) => match.test(name))
    const weather = met < 0 ? undefined : coming.splice(met, 1)[0]?.weather
    const id = newId('req')
    if (weather === 'cut') return void response.destroy()
    if (weather === 'busy') return send(response, failed(429, tooMany), { id })
    if (weather === 'down') return send(response, failed(503, broken), { id })
    const { kept, replayed } = await answered(request, url, text, id, weather)
    if (weather === 'hang') return
    if (weather === 'half') halfOf(response, { status: kept.status, body: JSON.parse(kept.text) })
    if (weather === 'half' || weather === 'lost') return void response.destroy()
    send(response, kept, { id, replayed, retry: kept.status < 500 })
  })

  async function answered(
    request: IncomingMessage,
    url: URL,
    text: string,
    id: string,
    weather: StripeWeather | undefined,
  ): Promise<{ kept: Kept; replayed: boolean }> {
    const key = request.method === 'POST' ? ((request.headers['idempotency-key'] as string) ?? null) : null
    let begun = false
    try {
      const { route, params, ask } = routed(request, url, text)
      const before = key === null ? null : keys.begin(key, `${request.method} ${url.pathname} ${JSON.stringify(ask)}`)
      if (before) return { kept: before, replayed: true }
      begun = key !== null
      if (weather === 'slow') await sleep(options.slowMs)
      options.asking({ id, key })
      const kept = done(route, params, ask, url, key)
      // A fault is kept too: the same key is answered with it again, though the work is done.
      const answer = weather === 'fault' ? failed(500, broken) : kept
      if (key !== null) keys.keep(key, answer)
      return { kept: answer, replayed: false }
    } catch (thrown) {
      const refusal =
        thrown instanceof StripeRefusal
          ? thrown
          : new StripeRefusal(500, { type: 'api_error', message: `the stand-in failed: ${(thrown as Error).stack}` })
      const kept = failed(refusal.status, refusal.error)
      if (refusal.status === 500) invalid.push(`${request.method} ${url.pathname}: ${refusal.message}`)
      // What was only checked and refused keeps no key; what was tried, as a charge, does.
      if (begun && key !== null) {
        if (refusal.status === 402) keys.keep(key, kept)
        else keys.forget(key)
      }
      return { kept, replayed: false }
    } finally {
      options.asking(null)
    }
  }

  function routed(request: IncomingMessage, url: URL, text: string) {
    if (request.headers.authorization !== `Bearer ${options.key}`)
      throw new StripeRefusal(401, { type: 'invalid_request_error', message: 'Invalid API Key provided.' })
    const version = request.headers['stripe-version']
    if (version !== options.apiVersion)
      throw new StripeRefusal(400, {
        type: 'invalid_request_error',
        message: `This stand-in speaks ${options.apiVersion} alone, not ${version ?? 'the version of an account'}.`,
      })
    const route = known.find(one => one.method === request.method && one.pattern.test(url.pathname))
    if (!route) throw new StripeRefusal(404, unknownUrl(request, url))
    const parsed = route.shape.safeParse({ ...decodeForm(url.search.slice(1)), ...decodeForm(text) })
    if (!parsed.success) throw refusalOf(parsed.error)
    notTooDeep((parsed.data as Json).expand as string[] | undefined)
    return { route, params: route.pattern.exec(url.pathname)?.groups ?? {}, ask: parsed.data as Json }
  }

  function done(route: StripeRoute, params: Record<string, string>, ask: Json, url: URL, key: string | null): Kept {
    const { method } = route
    const result = route.answer({ world, id: params.id ?? '', ask: ask as never, path: url.pathname })
    const body = shown(world, result, ask.expand as string[] | undefined)
    asked.push({ method, path: url.pathname, ask, key, status: 200 })
    if (options.official) {
      const some = Object.keys(ask).length > 0 ? ask : undefined
      const exchange = {
        method,
        path: url.pathname,
        query: new URLSearchParams(),
        ...(method === 'GET' ? { asked: some, body: undefined } : { body: some ?? {} }),
      }
      const faults = [...options.official.request(exchange), ...options.official.answer(exchange, 200, body)]
      invalid.push(...faults.map(fault => `${method} ${url.pathname}: ${fault}`))
    }
    return { status: 200, text: JSON.stringify(body) }
  }

  world = options.world(running.url)
  keys = idempotency(world.now)
  return {
    ...running,
    world,
    weather: (match: RegExp, ...next: StripeWeather[]) =>
      void coming.push(...next.map(one => ({ match, weather: one }))),
    /** The weather that did not come yet does not come. */
    calm: () => void coming.splice(0),
    requests,
    asked,
    invalid,
    keys: keys.entries,
  }
}
