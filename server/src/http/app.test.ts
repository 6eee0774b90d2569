import { createMachine, showMachine } from '@spoq/contracts/machine'
import { problem, problemType, SpoqError } from '@spoq/contracts/problem'
import { health } from '@spoq/contracts/status'
import { beforeEach, expect, test } from 'vitest'
import { openLog } from '../log.ts'
import { type App, openApp } from './app.ts'
import { identifiedLogin } from './test-login.ts'

const url = 'http://127.0.0.1:4100'
let app: App
let logged: string[]
beforeEach(() => {
  logged = []
  const authenticate = async (request: Request) => {
    const [, account] = (request.headers.get('authorization') ?? '').split(' ')
    if (!account) throw new SpoqError('not_signed_in')
    return identifiedLogin(account)
  }
  app = openApp({
    authenticate,
    log: openLog(
      'debug',
      line => logged.push(line),
      () => 0,
    ),
    now: () => 0,
  })
})

async function refused(response: Response) {
  expect(response.headers.get('content-type')).toBe(problemType)
  const said = problem.parse(await response.json())
  expect(said.status).toBe(response.status)
  expect(said.requestId).toBe(response.headers.get('x-request-id'))
  return said
}

const post = (body: string, headers: Record<string, string> = {}) =>
  app.fetch(
    new Request(`${url}/api/machines`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer alice', 'content-type': 'application/json', ...headers },
    }),
  )

test('what is not there is a problem too', async () => {
  expect((await refused(await app.fetch(new Request(`${url}/nothing`)))).code).toBe('not_found')
})

test('a request without a token is refused before anything of it is read', async () => {
  app.serve.account(createMachine, () => Promise.reject(new Error('it was served')))
  expect((await refused(await post('not json', { authorization: '' }))).code).toBe('not_signed_in')
})

test('a body that does not fit names the part that does not', async () => {
  app.serve.account(createMachine, () => Promise.reject(new Error('it was served')))
  expect((await refused(await post('{"name":"A"}'))).detail).toMatch(/^body\.name: a name has 3 to 63/)
  expect((await refused(await post('{'))).code).toBe('invalid_request')
  expect((await refused(await post('{}', { 'content-type': 'text/plain' }))).code).toBe('invalid_request')
})

test('a body of more than a megabyte is refused', async () => {
  app.serve.account(createMachine, () => Promise.reject(new Error('it was served')))
  expect((await refused(await post(JSON.stringify({ name: 'x'.repeat(1 << 20) })))).code).toBe('too_large')
})

test('a fault of ours is answered with nothing of its text, and logged with the id of the request', async () => {
  app.serve.account(showMachine, () => Promise.reject(new Error('password is hunter2')))
  const request = new Request(`${url}/api/machines/mach_0123456789abcdef0123`, {
    headers: { authorization: 'Bearer alice', 'x-request-id': 'req_from_the_client' },
  })
  const said = await refused(await app.fetch(request))
  expect(said.code).toBe('internal')
  expect(JSON.stringify(said)).not.toContain('hunter2')
  const failed = logged.map(line => JSON.parse(line)).find(({ event }) => event === 'http.failed')
  expect(failed).toMatchObject({ level: 'error', requestId: 'req_from_the_client' })
})

test.each([`evil"}\u00e9`, 'short', 'x'.repeat(65)])(
  'a request id that could do harm in a log is replaced: %s',
  async sent => {
    app.serve.anyone(health, () => ({ status: 'ok' as const }))
    const answer = await app.fetch(new Request(`${url}/health`, { headers: { 'x-request-id': sent } }))
    expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{20}$/)
  },
)

test('cookies go out with the answer, each in a header of its own', async () => {
  app.serve.anyone(health, (_, { setCookie }) => {
    setCookie('a=1')
    setCookie('b=2')
    return { status: 'ok' as const }
  })
  expect((await app.fetch(new Request(`${url}/health`))).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('Retry-After comes with an error that has one', async () => {
  app.serve.anyone(health, () => Promise.reject(new SpoqError('rate_limited', { retryAfter: 7 })))
  expect((await app.fetch(new Request(`${url}/health`))).headers.get('retry-after')).toBe('7')
})

test('what no route serves is asked of the rest, with a request id; a page keeps its own headers', async () => {
  app.otherwise(async request =>
    new URL(request.url).pathname === '/page'
      ? new Response('<p>', { headers: { 'content-type': 'text/html' } })
      : null,
  )
  const page = await app.fetch(new Request(`${url}/page`))
  expect([page.headers.get('content-type'), page.headers.get('x-request-id')]).toEqual([
    'text/html',
    expect.stringMatching(/^req_/),
  ])
  expect((await refused(await app.fetch(new Request(`${url}/other`)))).code).toBe('not_found')
})

test('a handler for callers of another kind is a mistake that shows at once', () => {
  expect(() => app.serve.anyone(showMachine, () => Promise.reject())).toThrow(TypeError)
  expect(() => app.serve.account(health, () => ({ status: 'ok' as const }))).toThrow(TypeError)
})
