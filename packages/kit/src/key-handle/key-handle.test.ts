// An answer from elsewhere may be anything. A server here answers each hostile thing for real, byte by byte.

import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { publicFetch } from '../public-fetch/index.ts'
import * as made from '../ssh-key/test-keys.ts'
import { type Fetch, keysOfHandle } from './index.ts'

const good = made.lineOf(made.ed25519())
const another = made.lineOf(made.ecdsa256())
const host = 'https://sshid.test'
const urls = { sshid: host, github: 'https://github.test' }

/** A server whose answers come as if from an https host of any name. */
async function serving(answer: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.headers['x-asked']} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const ask: Fetch = (url, init) =>
    fetch(`http://127.0.0.1:${port}${url.pathname}`, { ...init, headers: { ...init.headers, 'x-asked': url.origin } })
  return { asked, ask }
}

const text = (body: string | Buffer, type = 'text/plain; charset=utf-8', more: Record<string, string> = {}) =>
  ((_, response) => response.writeHead(200, { 'content-type': type, ...more }).end(body)) satisfies RequestListener
const redirect =
  (to: string): RequestListener =>
  (_, response) =>
    response.writeHead(302, { location: to }).end(good)
const status =
  (code: number): RequestListener =>
  (_, response) =>
    response.writeHead(code, { 'content-type': 'text/plain' }).end(good)

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write('x'.repeat(65_536)));
  response.once('drain', () => pour(response))
}
const endless: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  pour(response)
}
const drip: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  const timer = setInterval(() => response.write('s'), 20)
  response.on('close', () => clearInterval(timer))
}

const whyNot = async (answer: RequestListener) => {
  const { ask } = await serving(answer)
  const read = await keysOfHandle(ask, { at: 'sshid', handle: 'oaftobark', urls, ms: 400 }).catch(error => error)
  return read instanceof Error ? `${read.name}: ${read.message}` : { keys: read.keys.length, refused: read.refused }
}

test.each<[string, RequestListener, string]>([
  ['a web page', text('<html>sign in</html>', 'text/html; charset=utf-8'), 'a web page'],
  ['JSON', text('{"keys":[]}', 'application/json'), 'an answer that is no plain text'],
  ['10 MB', text('x'.repeat(10 << 20)), 'an answer of more than 64 KB'],
  ['64 KB and one byte', text(`${good}\n`.padEnd(65_537, '#')), 'an answer of more than 64 KB'],
  ['one that never ends', endless, 'an answer of more than 64 KB'],
  ['one that drips', drip, 'an answer that is not whole after 0.4 s'],
  ['none at all', () => {}, 'an answer that is not whole after 0.4 s'],
  [
    'one that is cut off',
    (_, response) => void response.writeHead(200, { 'content-length': '999' }).write(good, () => response.destroy()),
    'no answer',
  ],
  [
    'a bomb in gzip',
    text(gzipSync(Buffer.alloc(50 << 20)), 'text/plain', { 'content-encoding': 'gzip' }),
    'an answer of more than 64 KB',
  ],
  ['one that says gzip and is none', text(good, 'text/plain', { 'content-encoding': 'gzip' }), 'no answer'],
  ['to another host', redirect('https://elsewhere.test/oaftobark'), 'an answer that leads to another host'],
  ['to another port', redirect(`${host}:8443/oaftobark`), 'an answer that leads to another host'],
  ['to http', redirect('http://sshid.test/oaftobark'), 'an answer that leads away from https'],
  ['to a private address', redirect('https://169.254.169.254/latest'), 'an answer that leads to another host'],
  ['to a file', redirect('file:///etc/passwd'), 'an answer that leads away from https'],
  ['to nowhere', redirect('http://['), 'an answer that leads away from https'],
  ['in a circle', redirect('/oaftobark'), 'an answer that leads on and on'],
  [
    'UTF-16 that it says',
    text(Buffer.from(good, 'utf16le'), 'text/plain; charset=utf-16'),
    'an answer that is not in UTF-8',
  ],
  ['Latin-1 that it says', text(good, 'text/plain; charset="ISO-8859-1"'), 'an answer that is not in UTF-8'],
  ['an empty one', text(''), 'a handle without a key'],
  ['comments alone', text('# nobody\n\n'), 'a handle without a key'],
  ['404', status(404), 'a handle that nobody has'],
  ['500', status(500), 'an answer with the status 500'],
  ['a 302 that leads nowhere', status(302), 'an answer with the status 302'],
  ['204', status(204), 'an answer with the status 204'],
])('hostile answer, nothing is read: %s', async (_, answer, why) => {
  expect(await whyNot(answer)).toBe(`HandleRefused: ${why}`)
})

test.each<[string, string | Buffer, string]>([
  [
    'a private key',
    `-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n${good}`,
    'a private key: give the file that ends with .pub',
  ],
  ['DSA', made.lineOf(made.dsa()), 'a DSA key, which is too weak'],
  ['RSA of 1024 bits', made.lineOf(made.rsa(1_024)), 'an RSA key of 1024 bits: at least 3072 are needed'],
  ['bytes behind the key', made.lineOf(Buffer.concat([made.ed25519(), Buffer.from('x')])), 'a key with more behind it'],
  ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), 'a text in UTF-16: save it as UTF-8'],
  ['a zero byte', `${good}\0`, 'no text: it has zero bytes'],
  [
    'a certificate',
    made.lineOf(made.blobOf('ssh-ed25519-cert-v01@openssh.com', 'x')),
    'a certificate: give the key itself',
  ],
  ['many lines', 'ssh\n'.repeat(10_000), 'more than 100 lines'],
  ['a web page that says it is text', '<html>', 'a web page'],
])('hostile answer, no key is taken: %s', async (_, body, why) => {
  expect(await whyNot(text(body))).toEqual({ keys: 0, refused: [expect.objectContaining({ why })] })
})

test('options are dropped, and a good key beside a bad one is read', async () => {
  const { ask, asked } = await serving(text(`command="rm -rf /" ${good} me\r\nssh-dss AAAA\n${another}\n`))
  const { keys, refused } = await keysOfHandle(ask, { at: 'sshid', handle: 'oaftobark', urls })
  expect(keys.map(({ line }) => line)).toEqual([good, another])
  expect(refused).toEqual([{ line: 2, why: 'a DSA key, which is too weak' }])
  expect(asked).toEqual([`${host} /oaftobark`])
})

test('each service is asked where its keys are, and a redirect of the host itself is followed', async () => {
  const { ask, asked } = await serving((request, response) =>
    request.url === '/alice.keys' ? redirect('/u/alice.keys')(request, response) : text(good)(request, response),
  )
  expect((await keysOfHandle(ask, { at: 'github', handle: 'alice', urls })).keys).toHaveLength(1)
  expect(asked).toEqual([`${urls.github} /alice.keys`, `${urls.github} /u/alice.keys`])
})

test.each(['', '../alice', 'a/b', 'alice?x', '-alice', 'a b', 'a'.repeat(64), 'älice'])(
  '%s is no handle, and nobody is asked',
  async handle => {
    const { ask, asked } = await serving(text(good))
    await expect(keysOfHandle(ask, { at: 'github', handle, urls })).rejects.toThrow('no handle')
    expect(asked).toEqual([])
  },
)

test('a host that is inside is not asked', async () => {
  const inside = publicFetch((_, __, found) => found(null, [{ address: '10.0.0.1', family: 4 }]))
  await expect(keysOfHandle(inside as never, { at: 'sshid', handle: 'alice', urls })).rejects.toThrow(
    'an address that is not of the public internet',
  )
})
