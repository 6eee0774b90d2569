import { type EventEmitter, once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, fetch } from 'undici'
import { describe, expect, test } from 'vitest'
import type { Answer } from './serve.ts'
import { testGateway, testMachine } from './testing.ts'

const echo: Answer = async (request, response) => {
  const body = await text(request)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
}

/** Or left. */
async function drained(response: EventEmitter): Promise<void> {
  const done = new AbortController()
  const { signal } = done
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })])
  done.abort()
}

interface Echoed {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

async function connected(name = 'a', answer = echo, limits = {}) {
  const gateway = await testGateway(limits)
  const machine = testMachine(gateway, name, answer)
  await gateway.until(name, true)
  return { gateway, machine }
}

/** A request as it is written here, byte for byte; answers the socket. */
function raw(url: string, text: string) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(text)
  return socket
}

describe('a request', () => {
  test('reaches the machine with its method, path, headers and body, and its answer comes back', async () => {
    const { gateway } = await connected()
    const answer = await fetch(`${gateway.url}/api/x?y=1`, {
      method: 'POST',
      body: 'hello',
      headers: { 'x-machine': 'a', authorization: 'Bearer t', 'x-request-id': 'req_12345678' },
    })
    const { method, url, headers, body } = (await answer.json()) as Echoed
    expect({ method, url, body }).toEqual({ method: 'POST', url: '/api/x?y=1', body: 'hello' })
    expect(headers).toMatchObject({
      authorization: 'Bearer t',
      'x-request-id': 'req_12345678',
      ':authority': 'machine',
    })
  })

  test('carries no header that is about one connection, and never the name it was asked by', async () => {
    const { gateway } = await connected()
    const socket = raw(
      gateway.url,
      'GET / HTTP/1.1\r\nHost: other\r\nX-Machine: a\r\nConnection: close, x-secret-hop\r\nX-Secret-Hop: 1\r\n' +
        'Keep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: x\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    )
    const { headers } = JSON.parse((await text(socket)).split('\r\n\r\n')[1]?.replace(/^\w+\r\n|\r\n0$/g, '') as string)
    const names = Object.keys(headers)
    for (const gone of ['host', 'connection', 'x-secret-hop', 'keep-alive', 'te', 'proxy-authorization'])
      expect(names).not.toContain(gone)
    expect(headers[':authority']).toBe('machine')
  })

  test.each([
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde'],
    ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks by another name', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a header with a pseudo name', ':path: /admin\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 3\r\n\r\nabc'],
  ])('with %s is refused before it reaches the machine', async (_, rest) => {
    let asked = 0
    const { gateway } = await connected('a', (_request, response) => {
      asked++
      response.end()
    })
    const socket = raw(gateway.url, `POST / HTTP/1.1\r\nHost: x\r\nX-Machine: a\r\n${rest}`)
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400/)
    expect(asked).toBe(0)
  })

  test.each(['http://elsewhere/x', '*'])('for %s, which is no path, is refused', async target => {
    const { gateway } = await connected()
    const method = target === '*' ? 'OPTIONS' : 'GET'
    const socket = raw(
      gateway.url,
      `${method} ${target} HTTP/1.1\r\nHost: x\r\nX-Machine: a\r\nConnection: close\r\n\r\n`,
    )
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400/)
  })

  test('to a machine that is not connected is told so', async () => {
    const { gateway } = await connected()
    expect((await fetch(gateway.url, { headers: { 'x-machine': 'b' } })).status).toBe(503)
  })

  test('goes to the machine that it is for, whichever others there are', async () => {
    const { gateway } = await connected('a', (_, response) => response.end('a'))
    testMachine(gateway, 'b', (_, response) => response.end('b'))
    await gateway.until('b', true)
    const ask = async (name: string) => (await fetch(gateway.url, { headers: { 'x-machine': name } })).text()
    expect(await Promise.all(['a', 'b', 'a'].map(ask))).toEqual(['a', 'b', 'a'])
  })

  test('200 at the same time are all answered, each with its own', async () => {
    const { gateway } = await connected()
    const ask = async (number: number) => {
      const answer = await fetch(`${gateway.url}/${number}`, { headers: { 'x-machine': 'a' } })
      return ((await answer.json()) as Echoed).url
    }
    const numbers = Array.from({ length: 200 }, (_, number) => number)
    expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map(number => `/${number}`))
  })

  test('of 10,000 at the same time only so many reach the machine, the others are told that it is full', async () => {
    let [now, most] = [0, 0]
    const hold = Promise.withResolvers<void>()
    const slow: Answer = async (_, response) => {
      most = Math.max(most, ++now)
      await hold.promise
      now--
      response.end('ok')
    }
    const { gateway } = await connected('a', slow, { streams: 50 })
    const seen = new Map<number, number>()
    const dispatcher = new Agent({ connections: 200, connect: { timeout: 60_000 } })
    let ended = 0
    const ask = async () => {
      const { status } = await fetch(gateway.url, { headers: { 'x-machine': 'a' }, dispatcher })
      seen.set(status, (seen.get(status) ?? 0) + 1)
      if (++ended === 9_950) hold.resolve()
    }
    await Promise.all(Array.from({ length: 10_000 }, ask))
    expect(Object.fromEntries(seen)).toEqual({ 200: 50, 429: 9_950 })
    expect(most).toBe(50)
  })
})

describe('a stream', () => {
  test('of events comes as it is sent, not at its end', async () => {
    const next = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { gateway } = await connected('a', async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 0\n\n')
      await next[0]?.promise
      response.write('data: 1\n\n')
      await next[1]?.promise
      response.end()
    })
    const answer = await fetch(gateway.url, { headers: { 'x-machine': 'a' } })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    const read = async () => new TextDecoder().decode((await reader.read()).value)
    expect(await read()).toBe('data: 0\n\n')
    next[0]?.resolve()
    expect(await read()).toBe('data: 1\n\n')
    next[1]?.resolve()
    expect((await reader.read()).done).toBe(true)
  })

  test('answers before the request has ended, and ends after it has', async () => {
    const { gateway } = await connected('a', async (request, response) => {
      response.writeHead(200)
      for await (const chunk of request) response.write(`got ${chunk} `)
      response.end('end')
    })
    const request = httpRequest(gateway.url, { method: 'POST', headers: { 'x-machine': 'a' } })
    request.write('one')
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const [first] = await once(answer, 'data')
    expect(String(first)).toBe('got one ')
    request.end()
    expect(await text(answer)).toBe('end')
  })

  test('that the client leaves is left on the machine', async () => {
    const left = Promise.withResolvers<void>()
    const { gateway } = await connected('a', (_, response) => {
      response.writeHead(200)
      response.write('x')
      response.once('close', () => left.resolve())
    })
    const leaving = new AbortController()
    await fetch(gateway.url, { headers: { 'x-machine': 'a' }, signal: leaving.signal })
    expect(gateway.hub.streams()).toBe(1)
    leaving.abort()
    await left.promise
    await expect.poll(() => gateway.hub.streams()).toBe(0)
  })

  test('that the machine breaks off is no whole answer for the client', async () => {
    const { gateway } = await connected('a', (_, response) => {
      response.writeHead(200)
      response.write('half')
      setTimeout(() => response.stream.close(2), 20)
    })
    const answer = await fetch(gateway.url, { headers: { 'x-machine': 'a' } })
    await expect(answer.text()).rejects.toThrow()
  })

  test('that nobody reads holds the machine back, and no other stream', async () => {
    let written = 0
    const { gateway } = await connected('a', async (request, response) => {
      if (request.url === '/quick') return void response.end('quick')
      response.on('error', () => {})
      while (!response.destroyed) {
        written += 65_536
        if (!response.write(Buffer.alloc(65_536))) await drained(response)
      }
    })
    const sockets = Array.from({ length: 6 }, () => {
      const socket = raw(gateway.url, 'GET /big HTTP/1.1\r\nHost: x\r\nX-Machine: a\r\n\r\n')
      return socket.pause()
    })
    await expect.poll(() => written, { timeout: 10_000 }).toBeGreaterThan(1 << 20)
    let before = -1
    while (before !== written) {
      before = written
      await sleep(300)
    }
    expect(written).toBeLessThan(100 << 20)
    const quick = await fetch(`${gateway.url}/quick`, { headers: { 'x-machine': 'a' } })
    expect(await quick.text()).toBe('quick')
    for (const socket of sockets) socket.destroy()
  })

  test('that nobody reads is cut once too much waits for such readers', async () => {
    const { gateway } = await connected(
      'a',
      async (_, response) => {
        response.on('error', () => {})
        while (!response.destroyed) if (!response.write(Buffer.alloc(65_536))) await drained(response)
      },
      { bufferedBytes: 1 << 20 },
    )
    const socket = raw(gateway.url, 'GET / HTTP/1.1\r\nHost: x\r\nX-Machine: a\r\n\r\n').pause()
    await expect.poll(() => gateway.hub.streams()).toBe(1)
    await expect.poll(() => gateway.hub.streams(), { timeout: 10_000 }).toBe(0)
    socket.destroy()
  })

  test('a large body goes whole both ways', async () => {
    const { gateway } = await connected('a', (request, response) => request.pipe(response))
    const sent = Buffer.alloc(20 << 20, 'spoq')
    const answer = await fetch(gateway.url, { method: 'POST', body: sent, headers: { 'x-machine': 'a' } })
    expect(Buffer.from(await answer.arrayBuffer()).equals(sent)).toBe(true)
  })
})
