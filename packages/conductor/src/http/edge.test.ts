import { call } from '@spoq/client/call'
import type { ErrorCode } from '@spoq/contracts/problem'
import { showStatus } from '@spoq/contracts/status'
import { generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { alice, testBackend } from '../testing/backend.ts'
import { machineFolder, machineId, overLocal, startMachine } from '../testing/machine.ts'
import { closeServer } from './listen.ts'

const now = Date.parse('2026-11-21T10:00:00Z')
const seconds = now / 1000
const backend = () => testBackend(now)

async function edge(config: Awaited<ReturnType<typeof backend>>['config']) {
  const folder = machineFolder({ ...config, edge: { host: '127.0.0.1', port: 0 } })
  const { endpoint, socket } = await startMachine(folder, { now: () => now })
  const ask = async (path: string, token?: string, init: RequestInit = {}) => {
    const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...init.headers }
    const response = await fetch(`${endpoint}${path}`, { ...init, headers })
    const body = (await response.json()) as { code?: ErrorCode; requestId?: string }
    return { status: response.status, headers: response.headers, body }
  }
  return { ask, socket }
}

test('without a token everything but /health is 401, also what does not exist', async () => {
  const { ask } = await edge((await backend()).config)
  expect(await ask('/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
  for (const path of ['/api/status', '/api/sessions', '/api/model', '/api/nothing', '/', '/health/more', '/healthz'])
    expect(await ask(path)).toMatchObject({ status: 401, body: { code: 'not_signed_in' } })
  const post = { method: 'POST', body: 'not json', headers: { 'content-type': 'text/plain' } }
  for (const path of ['/api/ask', '/api/run', '/api/shutdown', '/health'])
    expect((await ask(path, undefined, post)).status).toBe(path === '/health' ? 404 : 401)
})

test("a member's token opens what members may, and nothing that is for the local socket", async () => {
  const { sign, config } = await backend()
  const { ask } = await edge(config)
  const token = await sign()
  expect(await ask('/api/status', token)).toMatchObject({ status: 200, body: { machine: machineId } })
  expect(await ask('/api/nothing', token)).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect(await ask('/api/shutdown', token, { method: 'POST' })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  })
  expect(await ask('/api/status', await sign({ aud: ['other', machineId] }))).toMatchObject({ status: 200 })
  expect(await ask('/api/status', await sign({ exp: seconds - 4 }))).toMatchObject({ status: 200 })
})

test('a token opens what its scopes say, and the refusal names the scope', async () => {
  const { sign, config } = await backend()
  const { ask } = await edge(config)
  const read = await sign({ scope: 'machine:read' })
  const use = await sign({ scope: 'machine:use account:write machine' })
  const post = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  expect(await ask('/api/status', read)).toMatchObject({ status: 200 })
  for (const [path, token, init, scope] of [
    ['/api/ask', read, post, 'machine:use'],
    ['/api/run', read, post, 'machine:use'],
    ['/api/model', use, { ...post, method: 'PUT' }, 'machine:write'],
    ['/api/status', use, {}, 'machine:read'],
    ['/api/status', await sign({ scope: '' }), {}, 'machine:read'],
    ['/api/status', await sign({ scope: ['machine:read', 'x'] as never }), {}, 'machine:read'],
  ] as const)
    expect(await ask(path, token, init)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing', detail: `This needs the scope ${scope}.` },
    })
  expect((await ask('/api/run', use, post)).body.code).toBe('invalid_request')
})

test('an approval is answered once with machine:use; to keep the answer as a rule machine:write is needed', async () => {
  const { sign, config } = await backend()
  const { ask } = await edge(config)
  const [use, both] = await Promise.all(['machine:use', 'machine:use machine:write'].map(scope => sign({ scope })))
  const answer = (token: string | undefined, scope?: string) =>
    ask('/api/sessions/sess_00000000000000000000/approvals/a', token, {
      method: 'POST',
      body: JSON.stringify({ decision: 'allow', ...(scope ? { scope } : {}) }),
      headers: { 'content-type': 'application/json' },
    })
  // Past its scopes a token comes to the session, which there is none of.
  for (const scope of [undefined, 'once']) expect((await answer(use, scope)).body.code).toBe('session_not_found')
  for (const scope of ['session', 'project', 'always']) {
    expect(await answer(use, scope)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing', detail: 'This needs the scope machine:write.' },
    })
    expect((await answer(both, scope)).body.code).toBe('session_not_found')
  }
})

test.each<[string, JWTPayload, object, number, ErrorCode]>([
  ['of another machine', { aud: 'mach_00000000000000000000' }, {}, 403, 'forbidden'],
  ['of another account', { sub: 'malloryaccount00001' }, {}, 403, 'forbidden'],
  ['that has expired', { exp: seconds - 6 }, {}, 401, 'token_expired'],
  ['that is not valid yet', { nbf: seconds + 60 }, {}, 401, 'token_invalid'],
  ['of another issuer', { iss: 'https://evil.example' }, {}, 401, 'token_invalid'],
  ['of another kind', {}, { typ: 'JWT' }, 401, 'token_invalid'],
  ['signed by an unknown key', {}, { kid: 'two' }, 401, 'token_invalid'],
])('a token %s is refused', async (_, claims, header, status, code) => {
  const { sign, config } = await backend()
  const { ask } = await edge(config)
  expect(await ask('/api/status', await sign(claims, header))).toMatchObject({ status, body: { code } })
})

test('a token of another signer, a tampered one, an unsigned one and a symmetric one are refused', async () => {
  const { sign, config } = await backend()
  const { ask } = await edge(config)
  const mallory = (await generateKeyPair('EdDSA')).privateKey
  const good = await sign()
  const [header, , signature] = good.split('.')
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: config.issuer, aud: machineId, sub: alice, exp: seconds + 3600 }
  const symmetric = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'one' })
    .sign(new TextEncoder().encode('x'.repeat(32)))
  const { exp: _, ...endless } = claims
  const bad = [
    await sign({}, {}, mallory),
    `${header}.${encode({ ...claims, exp: seconds + 9999 })}.${signature}`,
    `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}.`,
    symmetric,
    await sign({ exp: undefined, ...endless } as JWTPayload),
    'rubbish',
  ]
  for (const token of bad)
    expect(await ask('/api/status', token)).toMatchObject({ status: 401, body: { code: 'token_invalid' } })
})

test('when the keys cannot be fetched nobody gets in, and the answer says why', async () => {
  const { server, sign, config } = await backend()
  const { ask } = await edge(config)
  await closeServer(server)
  const refused = await ask('/api/status', await sign())
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(refused.headers.get('retry-after')).toBe('5')
})

test('every answer carries a request id: the sent one when it is harmless, else a new one', async () => {
  const { ask } = await edge((await backend()).config)
  const sent = await ask('/api/status', undefined, { headers: { 'x-request-id': 'from-the-cli' } })
  expect(sent.headers.get('x-request-id')).toBe('from-the-cli')
  expect(sent.body.requestId).toBe('from-the-cli')
  expect(sent.headers.get('content-type')).toBe('application/problem+json')
  const odd = await ask('/api/status', undefined, { headers: { 'x-request-id': 'a b{"' } })
  expect(odd.headers.get('x-request-id')).toMatch(/^req_/)
})

test('the log names who asked for what, and holds no token, query or body', async () => {
  const { sign, config } = await backend()
  const folder = machineFolder({ ...config, edge: { host: '127.0.0.1', port: 0 } })
  const lines: object[] = []
  const { endpoint } = await startMachine(folder, { now: () => now, logger: entry => lines.push(entry) })
  const token = await sign()
  await fetch(`${endpoint}/api/ask?secret=query`, {
    method: 'POST',
    body: JSON.stringify({ question: 'secret body', model: 'demo' }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  expect(lines).toContainEqual(expect.objectContaining({ method: 'POST', path: '/api/ask', status: 202 }))
  for (const secret of ['secret', token]) expect(JSON.stringify(lines)).not.toContain(secret)
})

test('the local socket asks for no token, and answers problems in the same form', async () => {
  const target = overLocal((await edge((await backend()).config)).socket)
  expect(await call(target, showStatus)).toMatchObject({ machine: machineId })
  const nowhere = { ...showStatus, path: '/api/nothing' }
  await expect(call(target, nowhere)).rejects.toMatchObject({ code: 'not_found' })
})

test('what other tools call needs a token that may use the machine, and refuses in their form', async () => {
  const { sign, config } = await backend()
  const { ask } = await edge(config)
  const body = JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'count 2' }] })
  const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  const complete = (token?: string) => ask('/v1/chat/completions', token, post)
  expect(await complete()).toMatchObject({ status: 401, body: { error: { code: 'not_signed_in' } } })
  const other = await complete(await sign({ sub: 'otheraccount0000001' }))
  expect(other).toMatchObject({ status: 403, body: { error: { type: 'permission_error' } } })
  const reader = await complete(await sign({ scope: 'machine:read' }))
  expect(reader).toMatchObject({ status: 403, body: { error: { code: 'scope_missing' } } })
  expect(await complete(await sign())).toMatchObject({
    status: 200,
    body: { choices: [{ message: { content: '[demo: scripted, not AI] 1 2' } }] },
  })
})
