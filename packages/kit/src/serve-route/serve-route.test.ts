import { setImmediate as tick } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { eventStream } from './event-stream.ts'
import { type Handler, InvalidInput, routesOf, type ServedRoute } from './index.ts'

interface Caller {
  name: string
}

/** An app with one route, whose guard lets in who says a name. */
function appWith<R extends ServedRoute>(route: R, handler: Handler<R, Caller>, broken?: (error: unknown) => void) {
  const app = new Hono()
  app.onError((error, context) =>
    context.text(`${error.name}: ${error.message}`, error instanceof InvalidInput ? 400 : 500),
  )
  const guard = async (_: ServedRoute, context: Context) => {
    const name = context.req.header('name')
    if (!name) throw new Error('who are you?')
    return { name }
  }
  const serve = routesOf<Caller>(app, guard, broken)
  serve(route, handler)
  return app
}

const headers = { name: 'alice', 'content-type': 'application/json' }
const rename = {
  method: 'put',
  path: '/things/{thing}/name',
  caller: 'anyone',
  params: z.object({ thing: z.string().check(z.minLength(2)) }),
  query: z.object({ times: z._default(z.coerce.number(), 1) }),
  body: z.object({ to: z.string() }),
  status: 201,
  answer: z.object({ said: z.string() }),
} as const

const app = appWith(rename, ({ params, query, body }, caller) => ({
  said: `${caller.name} names ${params.thing} ${body.to} ${query.times}`,
}))
const put = (path: string, body: string, more: object = {}) =>
  app.request(path, { method: 'PUT', body, headers: { ...headers, ...more } })

test('a handler gets the validated parts of a request and who sent it', async () => {
  const response = await put('/things/a%2Fb/name?times=3', '{"to":"c"}')
  expect(response.status).toBe(201)
  expect(await response.json()).toEqual({ said: 'alice names a/b c 3' })
})

test.each([
  ['a path', '/things/x/name', '{"to":"c"}', {}, 'path.thing'],
  ['a query', '/things/xy/name?times=many', '{"to":"c"}', {}, 'query.times'],
  ['a body', '/things/xy/name', '{"to":1}', {}, 'body.to'],
  ['a body that is no JSON', '/things/xy/name', '{', {}, 'body: not valid JSON'],
  ['a body of another type', '/things/xy/name', '{"to":"c"}', { 'content-type': 'text/plain' }, 'body: content-type'],
])('%s of another shape is refused by its name', async (_, path, body, more, named) => {
  const response = await put(path, body, more)
  expect(response.status).toBe(400)
  expect(await response.text()).toContain(`InvalidInput: ${named}`)
})

test('the guard comes before anything of the request is read', async () => {
  const response = await put('/things/x/name', '{', { name: '' })
  expect(await response.text()).toBe('Error: who are you?')
})

test('nothing is answered by an empty body', async () => {
  const gone = { method: 'delete', path: '/thing', caller: 'anyone', status: 204, answer: z.undefined() } as const
  const response = await appWith(gone, () => undefined).request('/thing', { method: 'DELETE', headers })
  expect([response.status, await response.text()]).toEqual([204, ''])
})

const watch = {
  method: 'get',
  path: '/events',
  caller: 'anyone',
  status: 200,
  answer: z.object({ id: z.number(), text: z.string() }),
  stream: true,
} as const

const event = (id: number) => ({ id, text: `line\n${id}` })

/** The chunks of a stream, without the comment at its beginning. */
async function chunksOf(response: Response): Promise<string[]> {
  const chunks: string[] = []
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) chunks.push(decoder.decode(chunk as Uint8Array))
  expect(chunks.shift()).toBe(':\n\n')
  return chunks
}

const frame = (id: number) => `id: ${id}\ndata: {"id":${id},"text":"line\\n${id}"}\n\n`

test('events that are there go out together, those to come when they come, and the stream ends with them', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const streaming = appWith(watch, async function* () {
    yield event(1)
    yield event(2)
    await promise
    yield event(3)
  })
  const response = await streaming.request('/events', { headers })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  setTimeout(resolve, 20)
  expect(await chunksOf(response)).toEqual([frame(1) + frame(2), frame(3)])
})

// Catches: an event that is asked for and then dropped at the edge of a full batch.
test('a flood comes in batches, each event once and in order', async () => {
  const total = 5000
  const streaming = appWith(watch, async function* () {
    for (let id = 1; id <= total; id++) yield event(id)
  })
  const chunks = await chunksOf(await streaming.request('/events', { headers }))
  expect(chunks.length).toBeGreaterThan(1)
  expect(chunks.length).toBeLessThan(total / 100)
  expect(chunks.join('')).toBe(Array.from({ length: total }, (_, index) => frame(index + 1)).join(''))
})

test('events that throw end the stream early, and the error is told to the server', async () => {
  const errors: unknown[] = []
  const failing = async function* () {
    yield event(1)
    await tick()
    throw new Error('no more')
  }
  const streaming = appWith(watch, failing, error => errors.push(error))
  expect(await chunksOf(await streaming.request('/events', { headers }))).toEqual([frame(1)])
  expect(errors).toEqual([new Error('no more')])
})

test('a reader who goes away ends the events', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const streaming = appWith(watch, async function* () {
    try {
      for (let id = 1; ; id++) {
        yield event(id)
        await tick()
      }
    } finally {
      resolve()
    }
  })
  const reader = (await streaming.request('/events', { headers })).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  await promise
})

test('a stream with nothing to tell says that it lives, until its events end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const waiting = async function* () {
    yield event(1)
    await promise
    yield event(2)
  }
  const reader = eventStream(waiting(), () => {}, 5).body?.getReader()
  const next = async () => new TextDecoder().decode((await reader?.read())?.value)
  expect(await next()).toBe(':\n\n')
  expect(await next()).toBe(frame(1))
  for (let beats = 0; beats < 4; beats++) expect(await next()).toBe(':\n\n')
  resolve()
  let text = ''
  for (let chunk = await next(); chunk !== ''; chunk = await next()) text += chunk
  expect(text.replaceAll(':\n\n', '')).toBe(frame(2))
})
