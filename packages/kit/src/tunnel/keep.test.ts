// The life of a connection: coming, going, coming back, and ends that do not play by the rules.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { constants, performServerHandshake, type ServerHttp2Session } from 'node:http2'
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { fetch } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { backoffMs } from './backoff.ts'
import type { Answer } from './serve.ts'
import { hostileMachine, testGateway, testMachine } from './testing.ts'

const ok: Answer = (_, response) => response.end('ok')
const ask = (url: string, name = 'a', init = {}) => fetch(url, { headers: { 'x-machine': name }, ...init })

describe('a machine', () => {
  test('with a token that the gateway does not know is refused, and says so', async () => {
    const gateway = await testGateway()
    const machine = testMachine(gateway, 'a', ok, { token: 'stolen' })
    await expect.poll(() => machine.state().state).toBe('refused')
    expect(gateway.hub.list()).toEqual([])
  })

  test('waits for a minute after it was refused, and for as long as a busy gateway asks', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const answers = ['401 No\r\n', '503 Busy\r\nRetry-After: 7\r\n', '503 Busy\r\nRetry-After: 99999999\r\n']
    server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${answers.shift()}Content-Length: 0\r\n\r\n`))
    const { port } = server.address() as AddressInfo
    const pauses: number[] = []
    const { promise: enough, resolve } = Promise.withResolvers<void>()
    const pause = async (ms: number, signal: AbortSignal) => {
      if (pauses.push(ms) < 3) return
      resolve()
      await once(signal, 'abort')
    }
    testMachine({ url: `http://127.0.0.1:${port}` }, 'a', ok, { pause, random: () => 0 })
    await enough
    expect(pauses).toEqual([60_000, 7_000, 300_000])
  })

  test('sends its token to nobody without TLS but to its own computer', async () => {
    const machine = testMachine({ url: 'http://192.0.2.1' }, 'a', ok)
    await expect.poll(() => machine.state().error).toMatch(/not https/)
  })

  test('comes back to a gateway that died in the middle of an answer, and its client is cut', async () => {
    const gateway = await testGateway()
    const left = Promise.withResolvers<void>()
    const stream: Answer = (_, response) => {
      response.once('close', () => left.resolve())
      response.writeHead(200)
      response.write('half')
    }
    testMachine(gateway, 'a', stream)
    await gateway.until('a', true)
    const answer = await ask(gateway.url)
    gateway.die()
    await expect(answer.text()).rejects.toThrow()
    await left.promise
    const next = await testGateway({}, Number(new URL(gateway.url).port))
    await next.until('a', true)
  })

  test('that ends is gone for the gateway, and what it was asked is cut', async () => {
    const gateway = await testGateway()
    const machine = testMachine(gateway, 'a', () => {})
    await gateway.until('a', true)
    const asked = ask(gateway.url)
    await expect.poll(() => gateway.hub.streams()).toBe(1)
    await machine.stop()
    expect((await asked).status).toBe(502)
    await gateway.until('a', false)
  })

  test('that connects again goes on with what it was asked, over the old connection, and is asked over the new one', async () => {
    const gateway = await testGateway()
    const finish = Promise.withResolvers<void>()
    const stay = async (_: number, signal: AbortSignal) => void (await once(signal, 'abort'))
    const slow: Answer = async (_, response) => {
      await finish.promise
      response.end('old')
    }
    const old = testMachine(gateway, 'a', slow, { pause: stay })
    await gateway.until('a', true)
    const first = ask(gateway.url)
    await expect.poll(() => gateway.hub.streams()).toBe(1)
    const begun = Promise.withResolvers<void>()
    // The old one would come back after that; here it stays away.
    testMachine(gateway, 'a', (_, response) => response.end('new'), { changed: () => begun.resolve() })
    await begun.promise
    await expect.poll(async () => (await ask(gateway.url)).text()).toBe('new')
    finish.resolve()
    expect(await (await first).text()).toBe('old')
    await old.stop()
  })

  test('is told when the gateway wants to go, and dials another while it finishes', async () => {
    const gateway = await testGateway()
    const finish = Promise.withResolvers<void>()
    const machine = testMachine(gateway, 'a', async (_, response) => {
      await finish.promise
      response.end('whole')
    })
    await gateway.until('a', true)
    const asked = ask(gateway.url)
    await expect.poll(() => gateway.hub.streams()).toBe(1)
    const closing = gateway.hub.close(5_000)
    await expect.poll(() => machine.states.map(({ state }) => state)).toContain('connecting')
    finish.resolve()
    expect(await (await asked).text()).toBe('whole')
    await closing
    expect(gateway.hub.list()).toEqual([])
  })

  test('notices a gateway that says nothing more', async () => {
    const taken: Socket[] = []
    const silent = createSocketServer(socket => {
      taken.push(socket.on('error', () => {}))
      socket.once('data', () => socket.write('HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: spoq-tunnel/1\r\n\r\n'))
    }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => {
      silent.close()
      for (const socket of taken) socket.destroy()
    })
    const { port } = silent.address() as AddressInfo
    testMachine({ url: `http://127.0.0.1:${port}` }, 'a', ok, { limits: { pingMs: 20, pongMs: 50 } })
    await expect.poll(() => taken.length).toBeGreaterThan(1)
  })

  test('ends at once whatever it is doing: dialling, waiting, connected', async () => {
    const gateway = await testGateway()
    const never = () => new Promise<void>(() => {})
    const waiting = testMachine(gateway, 'a', ok, {
      token: 'wrong',
      pause: (_, signal) => Promise.race([never(), once(signal, 'abort').then(() => {})]),
    })
    await expect.poll(() => waiting.state().state).toBe('refused')
    const dialling = testMachine(gateway, 'b', ok)
    await Promise.all([waiting.stop(), dialling.stop()])
    await sleep(30)
    expect(gateway.hub.has('b')).toBe(false)
  })
})

describe('a hostile machine', () => {
  const served = async (limits = {}): Promise<{ url: string; session: ServerHttp2Session; socket: Socket }> => {
    const gateway = await testGateway(limits)
    const socket = await hostileMachine(gateway, 'a')
    const session = performServerHandshake(socket)
    session.on('error', () => {})
    await gateway.until('a', true)
    return { url: gateway.url, session, socket }
  }

  test('that says nothing after its token is cut', async () => {
    const gateway = await testGateway({ pingMs: 20, pongMs: 50 })
    await hostileMachine(gateway, 'a')
    await gateway.until('a', true)
    await gateway.until('a', false)
  })

  test('that sends half a frame and then nothing has its clients told', async () => {
    const gateway = await testGateway({ pingMs: 20, pongMs: 50 })
    const socket = await hostileMachine(gateway, 'a')
    socket.write(Buffer.from([0, 0, 6, 4, 0]))
    expect((await ask(gateway.url)).status).toBe(502)
  })

  test('that sends what is no frame is cut, and the gateway stands', async () => {
    const gateway = await testGateway()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 9, maxLength: 400 }), async bytes => {
        const socket = await hostileMachine(gateway, 'junk')
        socket.write(bytes)
        socket.end()
        await gateway.until('junk', false)
      }),
      { numRuns: 40 },
    )
    testMachine(gateway, 'b', ok)
    await gateway.until('b', true)
    expect(await (await ask(gateway.url, 'b')).text()).toBe('ok')
  })

  test('whose headers never end is cut', async () => {
    const gateway = await testGateway()
    const socket = await hostileMachine(gateway, 'a')
    // SETTINGS, then HEADERS of stream 1 without END_HEADERS, and CONTINUATION after CONTINUATION.
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
    const asked = ask(gateway.url)
    await sleep(50)
    const header = (type: number) => Buffer.concat([Buffer.from([0, 4, 0, type, 0, 0, 0, 0, 1]), literal()])
    socket.write(header(1))
    const flood = setInterval(() => socket.writable && socket.write(header(9)), 1)
    expect((await asked).status).toBe(502)
    await gateway.until('a', false)
    clearInterval(flood)
  })

  test('cannot ask anything: the gateway answers no request on its connection', async () => {
    const gateway = await testGateway()
    const victim: string[] = []
    testMachine(gateway, 'b', (request, response) => {
      victim.push(request.url)
      response.end()
    })
    await gateway.until('b', true)
    const socket = await hostileMachine(gateway, 'a')
    // The preface of a client, then a request by HTTP/1.1: neither is what a server says.
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nX-Machine: b\r\n\r\n')
    await gateway.until('a', false)
    expect(victim).toEqual([])
  })

  test('that answers shorter than it says does not leave the rest to the next answer', async () => {
    const { url, session } = await served()
    session.on('stream', stream => {
      stream.respond({ ':status': 200, 'content-length': '1000' })
      stream.write('short')
      setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), 20)
    })
    const answer = await ask(url)
    await expect(answer.text()).rejects.toThrow()
  })

  test('sets no cookie for the whole domain and sends nobody elsewhere', async () => {
    const { url, session } = await served()
    session.on('stream', stream =>
      stream.respond(
        { ':status': 200, 'set-cookie': ['a=1', 'b=2; Domain=.spoq.dev'], 'alt-svc': 'h3="evil:443"' },
        { endStream: true },
      ),
    )
    const { headers } = await ask(url)
    expect(headers.getSetCookie()).toEqual(['a=1'])
    expect(headers.get('alt-svc')).toBeNull()
  })

  test('that never begins to answer is given up', async () => {
    const { url, session } = await served({ answerMs: 50 })
    const reset = Promise.withResolvers<number>()
    session.on('stream', stream => stream.once('close', () => reset.resolve(stream.rstCode)))
    expect((await ask(url)).status).toBe(502)
    expect(await reset.promise).toBe(constants.NGHTTP2_CANCEL)
  })
})

test('pauses are spread from nothing to a limit that doubles up to a minute; nobody is asked back sooner than told', () => {
  // Catches: no jitter at all, jitter around the limit, a limit that grows for ever, a Retry-After that is shortened.
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.nat(1e6),
      (tries, x, least) => {
        const most = Math.min(1_000 * 2 ** (tries - 1), 60_000)
        const pause = backoffMs(tries, () => x, least)
        expect(pause).toBeGreaterThanOrEqual(least)
        expect(pause - least).toBe(Math.floor(x * most))
      },
    ),
  )
})

/** A header block of 1024 bytes: literal fields without indexing, each with a new name. */
function literal(): Buffer {
  const field = Buffer.concat([Buffer.from([0, 1]), Buffer.from('x'), Buffer.from([125]), Buffer.alloc(125, 'y')])
  return Buffer.concat(Array.from({ length: 8 }, () => field))
}
