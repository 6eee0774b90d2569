import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { openHub, type TunnelState } from '@spoq/kit/tunnel'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { machineTunnel, statusOf } from './tunnel.ts'

const machine = 'mach_0123456789abcdef0123'
const token = (generation: number) => `tunnel_${machine}_${generation}_${'x'.repeat(43)}`

/** A gateway that takes whoever comes. */
async function gateway() {
  const hub = openHub()
  const sockets = new Set<Socket>()
  let dials = 0
  const server = createServer((request, response) => void hub.forward(machine, request, response))
  server.on('connection', socket => sockets.add(socket))
  server.on('upgrade', (_, socket, head) => {
    dials += 1
    void hub.accept(machine, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const die = () => {
    server.close()
    for (const socket of sockets) socket.resetAndDestroy()
  }
  onTestFinished(die)
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { hub, die, url: `${origin}/tunnel`, ask: async () => (await fetch(origin)).text(), dials: () => dials }
}

function connected() {
  const edge = new Hono().get('/', context => context.text('here'))
  const tunnel = machineTunnel(edge, { logger: () => {}, now: Date.now })
  onTestFinished(() => tunnel.stop())
  return tunnel
}

test('it is connected to each of its gateways, and one that dies takes nothing from the others', async () => {
  const [one, two, three] = [await gateway(), await gateway(), await gateway()]
  const tunnel = connected()
  tunnel.use({ url: one.url, token: token(1), others: [two.url, three.url] })
  for (const each of [one, two, three]) await expect.poll(() => each.hub.has(machine)).toBe(true)
  expect(tunnel.status()).toMatchObject({ state: 'connected', error: null })
  one.die()
  await expect.poll(() => tunnel.status()?.error).not.toBeNull()
  expect(tunnel.status()).toMatchObject({ state: 'connected' })
  expect([await two.ask(), await three.ask()]).toEqual(['here', 'here'])
  expect([two.dials(), three.dials()]).toEqual([1, 1])
})

test('told of other gateways, it keeps the connections that are to stay; with another token it makes all anew', async () => {
  const [one, two, three] = [await gateway(), await gateway(), await gateway()]
  const tunnel = connected()
  tunnel.use({ url: one.url, token: token(1), others: [two.url] })
  for (const each of [one, two]) await expect.poll(() => each.hub.has(machine)).toBe(true)
  tunnel.use({ url: two.url, token: token(1), others: [three.url] })
  await expect.poll(() => [one, two, three].map(({ hub }) => hub.has(machine))).toEqual([false, true, true])
  expect(two.dials()).toBe(1)
  tunnel.use({ url: two.url, token: token(2) })
  await expect.poll(() => [two.dials(), three.hub.has(machine)]).toEqual([2, false])
  tunnel.use(null)
  await expect.poll(() => two.hub.has(machine)).toBe(false)
  expect(tunnel.status()).toBeNull()
})

test.each<[string, TunnelState[], object | null]>([
  ['none', [], null],
  ['the one that is connected', [state('connecting', 2, 'gone'), state('connected', 5)], ['connected', 5, 'gone']],
  ['the first of those', [state('connected', 5), state('connected', 3)], ['connected', 3, null]],
  ['one that still tries', [state('refused', 1, 'no'), state('connecting', 4, 'x')], ['connecting', 4, 'x']],
])('several are told of as %s', (_, states, told) => {
  const status = statusOf(states)
  expect(status && [status.state, Date.parse(status.since), status.error]).toEqual(told)
})

function state(state: TunnelState['state'], since: number, error: string | null = null): TunnelState {
  return { state, since, error }
}
