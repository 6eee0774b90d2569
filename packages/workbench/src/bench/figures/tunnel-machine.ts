// The machine of the bench as a process of its own: a Conductor's edge, and bytes without end, served on a socket, as for
// the Caddy of a server, by TLS on a port, and through a tunnel alike. Argument 1 is the gateway's address, 2 the file of
// its certificate, which is the machine's too, 3 that of the key, 4 the socket. Prints port and token once it is connected.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { edgeApp } from '@spoq/conductor/http/edge'
import { tokenCheck } from '@spoq/conductor/http/token'
import { showStatus } from '@spoq/contracts/status'
import { keepTunnel, type TunnelOptions } from '@spoq/kit/tunnel'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { serveHttp } from '../../stand-ins/http.ts'

const [url = '', cert = '', key = '', socket = ''] = process.argv.slice(2)
const machine = 'mach_0123456789abcdef0123'
const chunk = Buffer.alloc(64 << 10, 'spoq')

/** `/bytes/N`: that many, as fast as they are read. */
const bytes: TunnelOptions['answer'] = (request, response) => {
  let left = Number(request.url.slice('/bytes/'.length))
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(left) })
  const more = () => {
    while (left > 0) {
      const piece = left < chunk.length ? chunk.subarray(0, left) : chunk
      left -= piece.length
      if (!response.write(piece) && left > 0) return void response.once('drain', more)
    }
    response.end()
  }
  more()
}

async function main(): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA' }]
  const { url: issuer } = await serveHttp(async (_, response) => void response.end(JSON.stringify({ keys })))
  const claims = { iss: issuer, aud: machine, sub: 'ann', scope: 'machine:read' }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'one' })
    .setExpirationTime('1h')
    .sign(privateKey)
  const edge = getRequestListener(edgeOf(issuer).fetch)
  const answer: TunnelOptions['answer'] = (request, response) =>
    request.url.startsWith('/bytes/') ? bytes(request, response) : edge(request, response)
  const server = createServer(answer as never)
  await new Promise<void>(done => server.listen(socket, done))
  const sealed = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer as never)
  await new Promise<void>(done => sealed.listen(0, '127.0.0.1', done))
  const { port } = sealed.address() as AddressInfo
  const changed = ({ state }: { state: string }) => state === 'connected' && console.log(`${port} ${token}`)
  keepTunnel({ url, token: 'bench', ca: readFileSync(cert, 'utf8'), answer, changed })
}

/** The edge as it is, over a status that does not change. */
function edgeOf(issuer: string) {
  const access = { assertAllowed: () => {}, onChange: () => {} }
  const guard = { check: tokenCheck({ machine, issuer, jwksUrl: issuer }, Date.now), access: access as never }
  const status = {
    machine,
    version: '0',
    startedAt: new Date().toISOString(),
    endpoint: null,
    isolation: 'none',
    network: 'shared',
    workspace: '/',
    turns: 0,
    memoryBytes: 0,
  } as const
  return edgeApp({ logger: () => {}, newId: kind => `${kind}_12345678`, now: Date.now }, guard, serve =>
    serve(showStatus, () => status),
  )
}

void main()
