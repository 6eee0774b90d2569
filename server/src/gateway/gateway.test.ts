// The gateway in front of a backend that is a stand-in on a real socket: what it does with what the backend says, or does not.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import {
  forgetGateway,
  locateDomain,
  locateMachine,
  reportTunnels,
  type TunnelHolder,
  verifyTunnel,
  type Whereabouts,
  wakeMachine,
} from '@spoq/contracts/gateway'
import { SpoqError, toProblem } from '@spoq/contracts/problem'
import { routesOf } from '@spoq/kit/serve-route'
import { listenOnSocket } from '@spoq/kit/socket-path'
import { keepTunnel, type TunnelOptions } from '@spoq/kit/tunnel'
import { Hono } from 'hono'
import { request } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startGateway } from './gateway.ts'

const machine = 'mach_0123456789abcdef0123'
const tokenOf = (generation: number) => `tunnel_${machine}_${generation}_${'x'.repeat(43)}`

interface Told {
  names: Record<string, Whereabouts>
  cut: string[]
  waking: boolean
  reports: TunnelHolder[][]
  woken: string[]
  asked: number
  gone: string[]
}

async function stage(others: string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-gateway-'))
  const path = join(folder, 'gateway.sock')
  const here: Whereabouts = { machine, running: true, ready: true }
  const told: Told = { names: { ann: here }, cut: [], waking: false, reports: [], woken: [], asked: 0, gone: [] }
  const backend = await standIn(told, path)
  let passed = 0
  const gateway = await startGateway(
    { host: '127.0.0.1', port: 0, domain: 'spoq.test', backendSocket: path, logLevel: 'error', others },
    { log: () => {}, now: () => Date.now() + passed, hold: { mostOfMachine: 20, patienceMs: 2_000 } },
  )
  onTestFinished(async () => {
    await gateway.stop(0)
    backend.close().closeAllConnections()
    rmSync(folder, { recursive: true })
  })
  const origin = `http://127.0.0.1:${gateway.port}`
  const ask = async (name = 'ann', path = '/', more: Record<string, string> = {}) => {
    const host = name.includes('.') ? name : `${name}.spoq.test`
    const { statusCode, headers, body } = await request(`${origin}${path}`, { headers: { host, ...more } })
    return { status: statusCode, retryAfter: headers['retry-after'], text: await body.text(), headers }
  }
  const connect = (answer: TunnelOptions['answer'], generation = 1) => {
    const tunnel = keepTunnel({ url: `${origin}/tunnel`, token: tokenOf(generation), answer, random: () => 0.01 })
    onTestFinished(() => tunnel.stop())
    return tunnel
  }
  const pass = (ms: number) => {
    passed += ms
  }
  return { folder, told, backend, gateway, ask, connect, pass }
}

async function standIn(told: Told, path: string): Promise<Server> {
  const app = new Hono()
  app.onError(error => {
    const problem = toProblem(error)
    return Response.json(problem, { status: problem.status, headers: { 'content-type': 'application/problem+json' } })
  })
  const serve = routesOf<void>(app, async () => {})
  serve(verifyTunnel, ({ body }) => ({ machine, generation: Number(body.token.split('_')[3]) }))
  serve(locateMachine, ({ params }) => {
    told.asked++
    const found = told.names[params.name]
    if (!found) throw new SpoqError('not_found')
    return found
  })
  serve(locateDomain, ({ params }) => {
    const found = told.names[params.domain]
    if (!found) throw new SpoqError('not_found')
    return found
  })
  serve(wakeMachine, ({ body }) => {
    told.woken.push(`${body.machine} ${body.token}`)
    if (body.token !== 'good') throw new SpoqError('forbidden')
    if (told.waking) told.names.ann = { ...asleep, running: true }
    return { waking: told.waking }
  })
  serve(reportTunnels, ({ body }) => {
    told.reports.push(body.tunnels)
    return { cut: told.cut }
  })
  serve(forgetGateway, ({ params }) => void told.gone.push(params.gateway))
  const server = createServer(getRequestListener(app.fetch))
  await listenOnSocket(server, path)
  return server
}

const hello: TunnelOptions['answer'] = (_, response) => response.end('hello')

test('a machine that is away is told of with when to come back; nobody wakes one that is to run', async () => {
  const { ask, told } = await stage()
  const { status, retryAfter, text, headers } = await ask()
  expect({ status, retryAfter, code: JSON.parse(text).code }).toEqual({
    status: 503,
    retryAfter: '5',
    code: 'machine_away',
  })
  expect(headers['content-type']).toBe('application/problem+json')
  expect(told.woken).toEqual([])
})

describe('a machine that is connected to another gateway alone', () => {
  const echo: TunnelOptions['answer'] = (request, response) => {
    response.setHeader('x-asked', String(request.headers['x-mine']))
    request.pipe(response)
  }
  async function two() {
    const other = await stage()
    const tunnel = other.connect(echo)
    await expect.poll(() => tunnel.state().state).toBe('connected')
    return { other, here: await stage([`127.0.0.1:${other.gateway.port}`]) }
  }

  test('is found through this one, which asks the other once', async () => {
    const { other, here } = await two()
    const host = { host: 'ann.spoq.test', 'x-mine': 'yes' }
    const body = 'x'.repeat(3_000_000)
    const answer = await request(`http://127.0.0.1:${here.gateway.port}/a`, { method: 'POST', headers: host, body })
    expect([answer.statusCode, answer.headers['x-asked']]).toEqual([200, 'yes'])
    expect(await answer.body.text()).toBe(body)
    expect((await here.ask('ann', '/', { 'x-spoq-gateway': '1' })).status).toBe(503)
    expect((await here.ask('nobody', '/')).status).toBe(404)
    await other.gateway.stop(0)
    expect(await here.ask('ann', '/')).toMatchObject({ status: 503, retryAfter: '5' })
  })

  test('ends what it was asked when who asked goes away', async () => {
    const other = await stage()
    const [began, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const tunnel = other.connect((_, response) => {
      response.write('begun')
      response.once('close', () => ended.resolve())
      began.resolve()
    })
    await expect.poll(() => tunnel.state().state).toBe('connected')
    const here = await stage([`127.0.0.1:${other.gateway.port}`])
    const left = new AbortController()
    const options = { headers: { host: 'ann.spoq.test' }, signal: left.signal }
    const asked = request(`http://127.0.0.1:${here.gateway.port}/`, options).then(({ body }) => body.text())
    await began.promise
    left.abort()
    await expect(asked).rejects.toThrow()
    await ended.promise
  })
})

const bearer = { authorization: 'Bearer good' }
const asleep: Whereabouts = { machine, running: false, ready: false }
const awake: Whereabouts = { machine, running: true, ready: true }

describe('a machine that sleeps', () => {
  test('is woken for who may use it; the request waits until it is there and was told its access', async () => {
    const { ask, told, connect } = await stage()
    told.names.ann = asleep
    told.waking = true
    let answered = 0
    const asked = ask('ann', '/api/x', bearer).finally(() => answered++)
    await expect.poll(() => told.woken).toEqual([`${machine} good`])
    const tunnel = connect(hello)
    await expect.poll(() => tunnel.state().state).toBe('connected')
    await new Promise(done => setTimeout(done, 500))
    expect(answered).toBe(0)
    told.names.ann = awake
    expect(await asked).toMatchObject({ status: 200, text: 'hello' })
  })

  test('takes what its backend tells it before it is ready, and nothing else', async () => {
    const { ask, told, connect } = await stage()
    told.names.ann = { ...asleep, running: true }
    const tunnel = connect(hello)
    await expect.poll(() => tunnel.state().state).toBe('connected')
    expect((await ask('ann', '/api/access', bearer)).text).toBe('hello')
    expect((await ask('ann', '/api/access/x', bearer)).status).toBe(503)
  })

  test.each<[string, object, string, number, string]>([
    ['nobody', {}, '/', 401, 'not_signed_in'],
    ['somebody else', { authorization: 'Bearer bad' }, '/', 403, 'forbidden'],
    ['whoever looks how it does', bearer, '/api/status', 503, 'machine_away'],
    ['a monitor', bearer, '/health?x=1', 503, 'machine_away'],
  ])('does not wake for %s', async (_, headers, path, status, code) => {
    const { ask, told } = await stage()
    told.names.ann = asleep
    told.waking = true
    const answer = await ask('ann', path, headers as Record<string, string>)
    expect({ status: answer.status, code: JSON.parse(answer.text).code }).toEqual({ status, code })
    expect(told.woken.filter(one => !one.endsWith('bad'))).toEqual([])
  })

  test('that its owner stopped is not waited for; one that does not come in time is told of with when to ask again', async () => {
    const { ask, told } = await stage()
    told.names.ann = asleep
    expect(await ask('ann', '/', bearer)).toMatchObject({ status: 503, retryAfter: '30' })
    told.waking = true
    expect(await ask('ann', '/', bearer)).toMatchObject({ status: 503, retryAfter: '5' })
  })

  test('lets only so many wait; those that leave make room', async () => {
    const { ask, told } = await stage()
    told.names.ann = asleep
    told.waking = true
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('ann', '/', bearer)))
    const byWait = Object.groupBy(answers, ({ retryAfter }) => String(retryAfter))
    expect(Object.entries(byWait).map(([wait, all]) => [wait, all?.length])).toEqual([
      ['2', 10],
      ['5', 20],
    ])
    expect((await ask('ann', '/', bearer)).retryAfter).toBe('5')
  })
})

test('a domain leads where the backend says, and nowhere soon after it no longer does', async () => {
  const { ask, told, connect, pass } = await stage()
  connect(hello)
  told.names['app.example.com'] = awake
  await expect.poll(async () => (await ask('app.example.com')).text).toBe('hello')
  expect((await ask('APP.example.com:443')).text).toBe('hello')
  expect((await ask('www.app.example.com')).status).toBe(404)
  delete told.names['app.example.com']
  pass(5_000)
  expect((await ask('app.example.com')).status).toBe(404)
})

test('where names lead is asked once for many requests, and known while the backend is away', async () => {
  const { ask, told, connect, backend, pass } = await stage()
  connect(hello)
  await expect.poll(async () => (await ask()).status).toBe(200)
  const before = told.asked
  await Promise.all(Array.from({ length: 50 }, () => ask()))
  expect(told.asked).toBe(before)
  backend.close().closeAllConnections()
  pass(60_000)
  expect(await ask()).toMatchObject({ status: 200, text: 'hello' })
  expect(await ask('ben')).toMatchObject({ status: 503, retryAfter: '5' })
  pass(600_000)
  expect((await ask()).status).toBe(503)
})

test('a machine that the backend no longer wants is cut soon after it is told of, and stays once it is wanted', async () => {
  const { told, connect } = await stage()
  told.cut = [machine]
  const tunnel = connect(hello, 2)
  await expect.poll(() => told.reports).toContainEqual([{ machine, generation: 2 }])
  await expect.poll(() => tunnel.state()).toMatchObject({ state: 'connecting', error: 'the connection ended' })
  told.cut = []
  await expect.poll(() => tunnel.state().state, { timeout: 10_000 }).toBe('connected')
  const { length } = told.reports
  await expect.poll(() => told.reports.length, { timeout: 15_000 }).toBeGreaterThan(length)
  expect(tunnel.state().state).toBe('connected')
})

test('at its end it lets what is under way finish, tells machines to go elsewhere, and the backend that it is gone', async () => {
  const { ask, told, connect, gateway } = await stage()
  const finish = Promise.withResolvers<void>()
  const tunnel = connect(async (_, response) => {
    await finish.promise
    response.end('whole')
  })
  await expect.poll(() => tunnel.state().state).toBe('connected')
  await expect.poll(() => told.reports.at(-1)?.length).toBe(1)
  const asked = ask()
  await expect.poll(() => told.asked).toBe(1)
  await new Promise(done => setTimeout(done, 50))
  const stopping = gateway.stop(5_000)
  await expect.poll(() => tunnel.state().state).toBe('connecting')
  finish.resolve()
  expect(await asked).toMatchObject({ status: 200, text: 'whole' })
  await stopping
  expect(told.gone).toHaveLength(1)
})
