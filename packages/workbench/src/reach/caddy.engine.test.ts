// The gateway behind a real Caddy, whose configuration it sees to: names, domains of owners' own, and what of it machines
// that come and go are to others.

import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import type { Domain } from '@spoq/contracts/domain'
import type { Machine } from '@spoq/contracts/machine'
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Nat, type Owner, startNat } from '../tunnel/nat.ts'
import { type Caddy, operators, startCaddy, whyNoCaddy } from './caddy.ts'

const why = whyNoCaddy()

describe.skipIf(why !== null)('the gateway behind a Caddy', () => {
  let caddy: Caddy
  let nat: Nat
  let ann: Owner
  let ben: Owner
  let annas: Machine
  let before: unknown
  /** What stands in the DNS. */
  const records = new Map<string, string>()
  /** Asks as a browser somewhere would that was led here by the DNS. */
  const agents = new Map<string, Agent>()

  beforeAll(async () => {
    caddy = await startCaddy()
    await vi.waitUntil(async () => (await statusOf(operators.host)) === 200, { timeout: 20_000 })
    before = await caddy.config()
    // Machines of this process trust Caddy's own authority.
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), caddy.authority()])
    nat = await startNat({
      environment: { GATEWAY_URL: `https://gateway.localhost:${caddy.port}/tunnel` },
      gateway: { CADDY_ADMIN_URL: caddy.admin, CADDY_LISTEN: caddy.listen, MACHINE_TLS: 'internal' },
      ports: {
        resolveTxt: async name => {
          const text = records.get(name)
          if (!text) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
          return [[text]]
        },
      },
    })
    ann = await nat.register('ann')
    ben = await nat.register('ben')
    annas = await nat.make(ann)
  }, 120_000)
  afterAll(async () => {
    for (const agent of agents.values()) await agent.destroy()
    await nat?.[Symbol.asyncDispose]()
    await caddy?.stop()
  })

  function agentFor(host: string): Agent {
    const made =
      agents.get(host) ?? new Agent({ connect: { servername: host, ca: caddy.authority(), timeout: 10_000 } })
    agents.set(host, made)
    return made
  }
  async function ask(host: string, path = '/health', headers: Record<string, string> = {}) {
    const url = `https://127.0.0.1:${caddy.port}${path}`
    const { statusCode, body } = await request(url, { dispatcher: agentFor(host), headers: { ...headers, host } })
    return { status: statusCode, text: await body.text() }
  }
  const statusOf = (host: string, path?: string) =>
    ask(host, path).then(
      ({ status }) => status,
      error => (error as NodeJS.ErrnoException).code ?? String(error),
    )
  /** Asks for another host than the handshake was for. */
  async function raw(servername: string, host: string): Promise<string> {
    const socket = tls.connect({ port: caddy.port, host: '127.0.0.1', servername, ca: caddy.authority() })
    socket.write(`GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    return text(socket)
  }
  const nameOf = ({ name }: Machine) => `${name}.localhost`

  test('machines connect through it and are found by their names; what the operator has stays as it was', async () => {
    await expect.poll(() => statusOf(nameOf(annas)), { timeout: 20_000 }).toBe(200)
    const token = await nat.tokenFor(ann, annas.id)
    const answer = await ask(nameOf(annas), '/api/status', { authorization: `Bearer ${token}` })
    expect(JSON.parse(answer.text)).toMatchObject({ machine: annas.id, tunnel: { state: 'connected' } })
    expect((await ask(operators.host)).text).toBe(operators.says)
    expect(without(await caddy.config())).toEqual(before)
  })

  test('no request of a machine fails while others come, are renamed, get a domain and go', async () => {
    const host = nameOf(annas)
    const seen = new Map<string | number, number>()
    let isOver = false
    const asking = Array.from({ length: 6 }, async () => {
      while (!isOver) {
        const status = await statusOf(host)
        seen.set(status, (seen.get(status) ?? 0) + 1)
        await sleep(5)
      }
    })
    const config = JSON.stringify(await caddy.config())
    for (let round = 1; round <= 10; round++) {
      const bens = await nat.make(ben)
      await expect.poll(() => statusOf(nameOf(bens)), { timeout: 20_000 }).toBe(200)
      const name = `otter-${round}`
      await nat.ask(ben, 'POST', `/api/machines/${bens.id}/rename`, { name })
      await expect.poll(() => statusOf(`${name}.localhost`), { timeout: 20_000 }).toBe(200)
      await prove(ben, bens, `app-${round}.example.com`)
      await expect.poll(() => statusOf(`app-${round}.example.com`), { timeout: 20_000 }).toBe(200)
      await nat.terminate(ben, bens.id)
      await expect.poll(() => statusOf(`${name}.localhost`), { timeout: 20_000 }).toBe(404)
    }
    isOver = true
    await Promise.all(asking)
    console.log(`asked ${[...seen].map(([status, times]) => `${status}: ${times}`).join(', ')}`)
    expect([...seen.keys()]).toEqual([200])
    expect(seen.get(200)).toBeGreaterThan(300)
    expect(JSON.stringify(await caddy.config())).toBe(config)
  }, 180_000)

  async function prove(owner: Owner, { id }: Machine, domain: string): Promise<Domain> {
    const path = `/api/machines/${id}/domains/${domain}`
    const { proof, target } = await nat.ask<Domain>(owner, 'PUT', path)
    expect(target).toBe('gateway.localhost')
    records.set(proof.name, proof.value)
    return nat.ask<Domain>(owner, 'POST', `${path}/verify`)
  }

  test('a domain has a certificate and leads somewhere only as long as it is proven', async () => {
    const bens = await nat.make(ben)
    const domain = 'shop.example.com'
    await nat.ask(ben, 'PUT', `/api/machines/${bens.id}/domains/${domain}`)
    const refused = expect.stringMatching(/SSL|TLS|ECONN|UND_ERR/)
    expect(await statusOf(domain)).toEqual(refused)
    await expect(prove(ben, bens, domain)).resolves.toMatchObject({ state: 'verified' })
    await expect.poll(() => statusOf(domain), { timeout: 20_000 }).toBe(200)
    const token = await nat.tokenFor(ann, annas.id)
    expect((await ask(domain, '/api/status', { authorization: `Bearer ${token}` })).status).toBe(403)
    expect((await ask(domain, '/health', { 'x-forwarded-host': nameOf(annas) })).status).toBe(200)
    // A host that the certificate is not for leads where that host leads, and nowhere else.
    expect(await raw(domain, 'forged.example.com')).toMatch(/^HTTP\/1.1 404 /)
    expect(await raw(domain, `forged.example.com\r\nX-Forwarded-Host: ${nameOf(annas)}`)).toMatch(/^HTTP\/1.1 404 /)
    await nat.ask(ben, 'DELETE', `/api/machines/${bens.id}/domains/${domain}`)
    await expect.poll(() => statusOf(domain), { timeout: 20_000 }).toBe(404)

    await prove(ben, bens, 'end.example.com')
    await expect.poll(() => statusOf('end.example.com'), { timeout: 20_000 }).toBe(200)
    await nat.terminate(ben, bens.id)
    await expect.poll(() => statusOf('end.example.com'), { timeout: 20_000 }).toBe(404)
    expect(await statusOf('new.example.com')).toEqual(refused)
  }, 120_000)

  test('comes back into a Caddy that was started anew with the configuration of its operator', async () => {
    for (const agent of agents.values()) await agent.destroy()
    agents.clear()
    await caddy.restart()
    await expect.poll(() => statusOf(nameOf(annas)), { timeout: 60_000 }).toBe(200)
    await expect.poll(() => statusOf(operators.host)).toBe(200)
    expect(without(await caddy.config())).toEqual(before)
  }, 90_000)
})

/** What is not ours. */
function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(one => !isOurs(one)).map(without)
  if (typeof value !== 'object' || value === null) return value
  const { tls: _, ...kept } = value as Record<string, unknown>
  return Object.fromEntries(Object.entries(kept).map(([key, inner]) => [key, without(inner)]))
}

const isOurs = (value: unknown) => String((value as { '@id'?: string } | null)?.['@id']).startsWith('spoq-')
