// Both ends for a test: a gateway on a real port that knows one token a machine, and machines that dial it.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { type Hub, openHub } from './hub.ts'
import { keepTunnel, type Tunnel, type TunnelOptions, type TunnelState } from './keep.ts'
import { type Limits, protocol, TunnelAway, TunnelFull } from './protocol.ts'
import { isOdd } from './relay.ts'
import type { Answer } from './serve.ts'

export interface TestGateway {
  url: string
  hub: Hub
  server: Server
  /** Waits until a machine is connected, or is not. */
  until(machine: string, isHere: boolean): Promise<void>
  /** Ends it as a power cut would. */
  die(): void
}

/** The token of a machine is its name behind `of-`. A request says in a header whom it is for. */
export async function testGateway(limits: Partial<Limits> = {}, port = 0): Promise<TestGateway> {
  const waiting = new Set<() => void>()
  const hub = openHub({ limits, changed: () => waiting.forEach(look => void look()) })
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const machine = String(request.headers['x-machine'])
    if (isOdd(request)) return void response.writeHead(400).end()
    hub.forward(machine, request, response).catch(error => {
      const status = error instanceof TunnelAway ? 503 : error instanceof TunnelFull ? 429 : 502
      if (!response.destroyed) response.writeHead(status).end(error.message)
    })
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [, machine] = /^Bearer of-(\w+)$/.exec(request.headers.authorization ?? '') ?? []
    if (machine && request.headers.upgrade === protocol) return void hub.accept(machine, socket, head)
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const die = () => {
    server.close()
    for (const socket of sockets) socket.resetAndDestroy()
  }
  onTestFinished(die)
  const until = async (machine: string, isHere: boolean) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => hub.has(machine) === isHere && resolve()
    waiting.add(look)
    look()
    await promise
    waiting.delete(look)
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hub, server, until, die }
}

/** A machine that dials without a pause and answers so; it ends with the test. */
export function testMachine(
  gateway: { url: string },
  name: string,
  answer: Answer,
  options: Partial<TunnelOptions> = {},
): Tunnel & { states: TunnelState[] } {
  const states: TunnelState[] = []
  const tunnel = keepTunnel({
    url: `${gateway.url}/tunnel`,
    token: `of-${name}`,
    answer,
    pause: () => new Promise(resolve => setTimeout(resolve, 5)),
    changed: state => states.push(state),
    ...options,
  })
  onTestFinished(() => tunnel.stop())
  return { ...tunnel, states }
}

/** The machine's end by hand, for what a good one never does: the socket right after the gateway said yes. */
export async function hostileMachine(gateway: { url: string }, name: string): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  const asked = ['GET /tunnel HTTP/1.1', 'Host: x', 'Connection: Upgrade', `Upgrade: ${protocol}`]
  socket.write(`${[...asked, `Authorization: Bearer of-${name}`].join('\r\n')}\r\n\r\n`)
  await once(socket, 'readable')
  const came = socket.read() as Buffer
  const end = came.indexOf('\r\n\r\n') + 4
  if (end < came.length) socket.unshift(came.subarray(end))
  return socket
}
