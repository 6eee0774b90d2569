import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.ts'
import { testDatabase } from '../db/test-database.ts'
import { plans } from '../plan/table.ts'
import { locateByDomain } from './locate.ts'
import { openTunnels, originOf } from './offer.ts'
import { openPresence } from './presence.ts'
import { rotate } from './rotate.ts'
import { makeToken, readToken } from './token.ts'
import { stale, type TunnelPorts, verify } from './verify.ts'

const machineOf = (last: string) => `mach_${last.padStart(20, '0')}`
const alpha = machineOf('a')
const beta = machineOf('b')

describe('a token', () => {
  const holder = fc.record({
    machine: fc.stringMatching(/^mach_[a-z0-9]{16,32}$/),
    generation: fc.integer({ min: 1, max: 999_999_999 }),
  })

  test('tells whose it is to who has the key, and is nothing when it was changed anywhere or by another key', () => {
    // Catches: a proof over the machine alone, one that is compared in part, a generation that is not proved.
    fc.assert(
      fc.property(holder, fc.nat(), fc.constantFrom(...'abz059_-A'), (whose, at, letter) => {
        const token = makeToken('key', whose)
        expect(readToken('key', token)).toEqual(whose)
        expect(readToken('other', token)).toBeNull()
        const place = at % token.length
        const changed = token.slice(0, place) + letter + token.slice(place + 1)
        if (changed !== token) expect(readToken('key', changed)).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  test.each(['', 'tunnel__1_', `tunnel_${alpha}_0_${'x'.repeat(43)}`, `tunnel_${alpha}_1_${'x'.repeat(44)}`])(
    'that is none tells of nobody: %j',
    text => expect(readToken('key', text)).toBeNull(),
  )
})

describe('of machines in the database', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>
  let ports: TunnelPorts
  let now = Date.parse('2026-01-01T00:00:00Z')

  beforeAll(async () => {
    database = await testDatabase()
    await migrate(database.db)
    ports = { db: database.db, key: 'key', now: () => now }
    for (const id of [alpha, beta]) await insert(id)
  })
  afterAll(() => database.close())

  async function insert(id: string): Promise<void> {
    const at = new Date(now)
    await database.db
      .insertInto('machine')
      .values({
        id,
        account_id: 'ann',
        name: id.replaceAll('_', '-'),
        provider: 'docker',
        template: 'spoq',
        wanted: 'running',
        holds: '[]',
        state: 'running',
        created_at: at,
        updated_at: at,
      } as never)
      .execute()
  }
  const offered = async (id: string) =>
    (await tunnels().offers([{ id, provider: 'docker' }])).get(id)?.token ?? 'no offer'
  const tunnels = (gatewayUrls = ['https://gateway.test/tunnel']) =>
    openTunnels({ db: database.db, key: 'key', gatewayUrls, domain: 'spoq.test' })

  test('the token that one is offered is good, the one of a machine that never was is not', async () => {
    expect(await verify(ports, await offered(alpha))).toEqual({ machine: alpha, generation: 1 })
    const stranger = makeToken('key', { machine: machineOf('z'), generation: 1 })
    await expect(verify(ports, stranger)).rejects.toMatchObject({ code: 'token_invalid' })
    const unborn = makeToken('key', { machine: alpha, generation: 2 })
    await expect(verify(ports, unborn)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  test('the token before is good for a week, so that the machine can be told of the next', async () => {
    const before = await offered(alpha)
    await rotate(database.db, alpha, now)
    expect(await verify(ports, await offered(alpha))).toEqual({ machine: alpha, generation: 2 })
    expect(await verify(ports, before)).toEqual({ machine: alpha, generation: 1 })
    now += 7 * 86_400_000
    await expect(verify(ports, before)).rejects.toMatchObject({ code: 'token_invalid' })
    expect(await verify(ports, await offered(beta))).toEqual({ machine: beta, generation: 1 })
  })

  test('a stolen token is good no more at once, and who is connected by it may not stay', async () => {
    const holder = await verify(ports, await offered(beta))
    await rotate(database.db, beta, now, { stolen: true })
    expect(await stale(ports, [holder, { machine: alpha, generation: 2 }])).toEqual([beta])
  })

  test('a domain leads to the machine whose owner proved it, and nowhere before, or once that is over', async () => {
    const domain = 'app.example.com'
    const claim = { domain, account_id: 'ann', token: 't', created_at: new Date(now) }
    const claims = [alpha, beta].map(machine_id => ({ ...claim, machine_id }))
    await database.db.insertInto('machine_domain').values(claims).execute()
    let plan = plans.pro
    const locate = () => locateByDomain({ ...ports, planOf: async () => plan }, domain)
    await expect(locate()).rejects.toMatchObject({ code: 'not_found' })
    const prove = database.db.updateTable('machine_domain').set({ verified_at: new Date(now) })
    await prove.where('machine_id', '=', beta).execute()
    expect(await locate()).toEqual({ machine: beta, running: true, ready: true })
    const update = database.db.updateTable('machine').where('id', '=', beta)
    await update.set({ holds: '["idle"]', state: 'suspended' }).execute()
    expect(await locate()).toEqual({ machine: beta, running: false, ready: false })
    await update.set({ wanted: 'terminated' }).execute()
    await expect(locate()).rejects.toMatchObject({ code: 'not_found' })
    await update.set({ wanted: 'running', holds: '[]', state: 'running' }).execute()
    // Its plan became one without domains, and then again one with.
    plan = plans.free
    await expect(locate()).rejects.toMatchObject({ code: 'not_found' })
    plan = plans.pro
    expect((await locate()).machine).toBe(beta)
  })

  test('one that is to end is let in no more', async () => {
    const token = await offered(alpha)
    await database.db.updateTable('machine').set({ wanted: 'terminated' }).where('id', '=', alpha).execute()
    await expect(verify(ports, token)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  test('machines connect to every gateway there is, by the same token', async () => {
    const row = { id: beta, provider: 'docker' } as const
    const one = (await tunnels().offers([row])).get(beta)
    expect(one).toEqual({ url: 'https://gateway.test/tunnel', token: expect.stringContaining(beta) })
    const urls = ['https://gateway-1.test/tunnel', 'https://gateway-2.test/tunnel', 'https://gateway-3.test/tunnel']
    const [url, ...others] = urls
    expect((await tunnels(urls).offers([row])).get(beta)).toEqual({ ...one, url, others })
  })

  test('those on this very computer are offered no tunnel', async () => {
    expect(await tunnels().offers([{ id: alpha, provider: 'local' }])).toEqual(new Map())
    expect(tunnels().endpointOf({ name: 'ann', provider: 'local' })).toBeNull()
    expect(tunnels().endpointOf({ name: 'ann', provider: 'docker' })).toBe('https://ann.spoq.test')
  })
})

test('addresses are https, but for names of this computer', () => {
  expect(originOf('spoq.dev', 'ann')).toBe('https://ann.spoq.dev')
  expect(originOf('spoq.dev:8443', 'ann')).toBe('https://ann.spoq.dev:8443')
  expect(originOf('localhost:99', 'ann')).toBe('http://ann.localhost:99')
})

test('presence: a machine comes once, wherever it is connected; a gateway that is silent is forgotten', () => {
  let now = 0
  const presence = openPresence(() => now)
  expect(presence.report('one', [alpha, beta])).toEqual([alpha, beta])
  expect(presence.report('two', [alpha])).toEqual([])
  expect(presence.count()).toEqual({ one: 2, two: 1 })
  now = 40_000
  presence.report('two', [alpha])
  now = 61_000
  expect(presence.count()).toEqual({ two: 1 })
  expect([presence.has(alpha), presence.has(beta)]).toEqual([true, false])
  presence.forget('two')
  expect(presence.report('two', [alpha])).toEqual([alpha])
})
