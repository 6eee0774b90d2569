import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { idempotencyKeyHeader, requestIdHeader, route } from '@spoq/contracts/http'
import { problemType, SpoqError, toProblem } from '@spoq/contracts/problem'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { call } from './call.ts'
import { serve } from './testing.ts'

const echo = route({
  method: 'post',
  path: '/api/things/{thing}',
  summary: 'Answers what it was sent.',
  caller: 'account',
  params: z.object({ thing: z.string() }),
  query: z.object({ all: z.optional(z.string()) }),
  body: z.object({ text: z.string() }),
  status: 200,
  answer: z.object({ url: z.string(), text: z.string() }),
  errors: [],
})

const sent = { params: { thing: 'a/b' }, body: { text: 'hello' } }
const json = (response: ServerResponse, value: unknown) =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
const refuse = (response: ServerResponse, error: SpoqError) =>
  void response.writeHead(error.status, { 'content-type': problemType }).end(JSON.stringify(toProblem(error)))
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    error => (error as SpoqError).code,
  )

test('a request carries what the route says, and its answer is validated', async () => {
  await using server = await serve(async (request, response) => {
    expect(request.headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/json',
      [idempotencyKeyHeader]: 'once-and-for-all',
      [requestIdHeader]: 'request-1',
    })
    json(response, { url: request.url, ...JSON.parse(await text(request)), unknown: 1 })
  })
  const target = { ...server.target, token: async () => 'secret', requestId: 'request-1' }
  const answer = await call(target, echo, { ...sent, query: { all: 'yes' }, idempotencyKey: 'once-and-for-all' })
  expect(answer).toEqual({ url: '/api/things/a%2Fb?all=yes', text: 'hello' })
})

test('a problem is thrown as the error it was', async () => {
  await using server = await serve((_, response) =>
    refuse(response, new SpoqError('name_taken', { message: 'otter is taken.', next: 'Choose another.' })),
  )
  await expect(call(server.target, echo, sent)).rejects.toMatchObject({
    code: 'name_taken',
    message: 'otter is taken.',
    next: 'Choose another.',
  })
})

test.each([
  ['an error page', 502, 'text/html', '<h1>Bad gateway</h1>'],
  ['a problem of somebody else', 404, problemType, '{"type":"about:blank"}'],
  ['a problem cut short', 500, problemType, '{"type":'],
  ['another shape', 200, 'application/json', '{"text":1}'],
  ['no JSON', 200, 'application/json', 'hello'],
])('%s is not taken for an answer', async (_, status, type, body) => {
  await using server = await serve((_, response) => void response.writeHead(status, { 'content-type': type }).end(body))
  expect(await codeOf(call(server.target, echo, sent))).toBe('machine_unreachable')
  expect(await codeOf(call({ ...server.target, unreachable: 'server_unknown' }, echo, sent))).toBe('server_not_spoq')
})

test.each([
  ['a machine that wakes is asked again', 'machine_unreachable', 1, 1, 'none', 2],
  ['twice at most', 'machine_unreachable', 1, 9, 'machine_away', 3],
  ['one that stays away is not waited for', 'machine_unreachable', 30, 9, 'machine_away', 1],
  ['a server is not asked again', 'server_unknown', 1, 1, 'machine_away', 1],
] as const)('%s', async (_, unreachable, seconds, times, code, asked) => {
  let seen = 0
  await using server = await serve((_, response) => {
    seen += 1
    if (seen > times) return json(response, { url: '/', text: 'here' })
    response.setHeader('retry-after', seconds)
    refuse(response, new SpoqError('machine_away'))
  })
  expect(await codeOf(call({ ...server.target, unreachable }, echo, sent))).toBe(code)
  expect(seen).toBe(asked)
})

test('an answer that is cut off is nobody answering', async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"url"')
    setImmediate(() => response.destroy())
  })
  expect(await codeOf(call(server.target, echo, sent))).toBe('machine_unreachable')
})

test('a refused token is renewed once, and what is refused again stays refused', async () => {
  const tokens: unknown[] = []
  await using server = await serve((request, response) => {
    tokens.push(request.headers.authorization)
    if (request.headers.authorization === 'Bearer good') json(response, { url: '', text: '' })
    else refuse(response, new SpoqError('token_expired'))
  })
  let token = 'old'
  const renewing = (next: string) => ({
    ...server.target,
    token: async () => token,
    renew: async () => {
      token = next
      return true
    },
  })
  await call(renewing('good'), echo, sent)
  token = 'old'
  expect(await codeOf(call(renewing('bad'), echo, sent))).toBe('token_expired')
  expect(await codeOf(call({ ...server.target, token: async () => 'x', renew: async () => false }, echo, sent))).toBe(
    'token_expired',
  )
  expect(tokens).toEqual(['Bearer old', 'Bearer good', 'Bearer old', 'Bearer bad', 'Bearer x'])
})

test.each([61, -61])('with clocks %i minutes apart a refused token is the fault of the clock', async minutes => {
  await using server = await serve((_, response) => {
    response.setHeader('date', new Date(Date.now() + minutes * 60_000).toUTCString())
    refuse(response, new SpoqError('token_expired'))
  })
  expect(await codeOf(call(server.target, echo, sent))).toBe('clock_off')
})

test('where nothing listens any more it looks once for the new place', async () => {
  await using server = await serve((_, response) => json(response, { url: '', text: 'here' }))
  const moved = {
    ...server.target,
    origin: 'http://127.0.0.1:1',
    relocate: async () => {
      moved.origin = server.origin
      return true
    },
  }
  expect((await call(moved, echo, sent)).text).toBe('here')
})

test('a request that may have arrived is not sent to another place', async () => {
  let relocated = 0
  await using server = await serve((_, response) => void response.destroy())
  const target = { ...server.target, relocate: async () => ++relocated > 0 }
  expect(await codeOf(call(target, echo, sent))).toBe('machine_unreachable')
  expect(relocated).toBe(0)
})

test('who knows better why nothing listens says it', async () => {
  const relocate = () => Promise.reject(new SpoqError('machine_not_running'))
  const target = { origin: 'http://127.0.0.1:1', unreachable: 'machine_unreachable' as const, now: Date.now }
  expect(await codeOf(call(target, echo, sent))).toBe('machine_unreachable')
  expect(await codeOf(call({ ...target, relocate }, echo, sent))).toBe('machine_not_running')
})

test('a fault of ours is not blamed on the network', async () => {
  await using server = await serve((_, response) => json(response, {}))
  const wrong = { ...server.target, token: async () => 'a\nb' }
  expect(await codeOf(call(wrong, echo, sent))).toBe('UND_ERR_INVALID_ARG')
})
