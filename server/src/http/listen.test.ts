import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { afterEach, expect, test } from 'vitest'
import { openApp } from './app.ts'
import { type Listener, listen } from './listen.ts'
import { peerAddressHeader } from './peer.ts'
import { identifiedLogin } from './test-login.ts'

const open: Listener[] = []
async function opened(port = 0): Promise<Listener> {
  const listener = await listen('127.0.0.1', port)
  open.push(listener)
  return listener
}
afterEach(() => Promise.all(open.splice(0).map(listener => listener.close(0))))

test('a port that is taken is said to be', async () => {
  const { port } = await opened()
  await expect(opened(port)).rejects.toThrow(
    expect.objectContaining({ code: 'port_taken', message: `Port ${port} of 127.0.0.1 is taken by another program.` }),
  )
})

test('an address that is not of this computer is a fault of the configuration', async () => {
  await expect(listen('203.0.113.1', 0)).rejects.toThrow(expect.objectContaining({ code: 'config_invalid' }))
})

test('before it is ready every request is asked to come again', async () => {
  const { port } = await opened()
  const answer = await fetch(`http://127.0.0.1:${port}/health`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await answer.json()).toMatchObject({ code: 'unavailable' })
})

test('the address of the other side is what the socket says, whatever the client says', async () => {
  const listener = await opened()
  // Asked for by name, and among all of them: these are two ways through the server's code.
  listener.answer(async ({ headers }) =>
    Response.json([headers.get(peerAddressHeader), new Map(headers).get(peerAddressHeader)]),
  )
  const options = { port: listener.port, host: '127.0.0.1', headers: { 'X-Spoq-Peer': ['8.8.8.8', '9.9.9.9'] } }
  const said = await new Promise<string>((resolve, reject) => {
    request(options, response => {
      let text = ''
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
  expect(JSON.parse(said)).toEqual(['127.0.0.1', '127.0.0.1'])
})

test('a body of unknown length, and a POST with neither body nor length, reach a handler', async () => {
  const listener = await opened()
  const app = openApp({ authenticate: async () => identifiedLogin('a'), log: () => {}, now: Date.now })
  app.serve.account(createMachine, ({ body }) =>
    Promise.reject(new SpoqError('name_taken', { message: `${body.name}` })),
  )
  listener.answer(app.fetch)
  const send = async (...lines: string[]) => {
    const socket = connect(listener.port, '127.0.0.1')
    const head = [
      `POST ${createMachine.path} HTTP/1.1`,
      'host: x',
      'connection: close',
      'content-type: application/json',
    ]
    socket.write([...head, ...lines].join('\r\n'))
    return await text(socket)
  }
  const chunk = (piece: string) => `${piece.length.toString(16)}\r\n${piece}`
  const chunked = (...pieces: string[]) => ['transfer-encoding: chunked', '', ...pieces.map(chunk), '0', '', '']
  expect(await send(...chunked('{"name":', '"otter"}'))).toContain('"detail":"otter"')
  expect(await send(...chunked('{"name":"', 'x'.repeat(1 << 20), '"}'))).toContain('"code":"too_large"')
  expect(await send('', '')).toContain('"detail":"body: not valid JSON"')
})

test('closing lets a request that runs be answered', async () => {
  const listener = await opened()
  const begun = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  listener.answer(async () => {
    begun.resolve()
    await go.promise
    return new Response('answered')
  })
  const answer = fetch(`http://127.0.0.1:${listener.port}/`)
  await begun.promise
  const closed = listener.close(60_000)
  go.resolve()
  expect(await (await answer).text()).toBe('answered')
  await closed
})
