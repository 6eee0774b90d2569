import type { Plan } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { putMachine } from '../machine/test-ports.ts'
import { plans } from '../plan/table.ts'
import { add } from './add.ts'
import { list } from './list.ts'
import type { DomainPorts } from './ports.ts'
import { recheck } from './recheck.ts'
import { remove } from './remove.ts'
import { verify } from './verify.ts'
import { whoHolds } from './who-holds.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const bob = { account: 'bob', requestId: 'req_bob' }
const app = 'app.example.com'
const day = 86_400_000

let database: Database
let ports: DomainPorts & { log: () => void }
let time: number
let hers: string
let his: string
let plan: Plan
/** What stands in the DNS; an error is what it answers instead. */
let dns: Map<string, string[][] | string>

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  time = 1_700_000_000_000
  plan = plans.pro
  dns = new Map()
  const resolveTxt = async (name: string) => {
    const found = dns.get(name) ?? 'ENOTFOUND'
    if (typeof found === 'string') throw Object.assign(new Error(`queryTxt ${found} ${name}`), { code: found })
    return found
  }
  const planOf = async () => plan
  ports = { db: database.db, planOf, resolveTxt, machineDomain: 'spoq.dev', now: () => time, log: () => {} }
  hers = (await putMachine(database)).id
  his = (await putMachine(database, { account_id: 'bob' })).id
})
afterAll(() => database.close())

const publish = (...values: string[]) =>
  dns.set(
    `_spoq.${app}`,
    values.map(value => [value]),
  )
const code = (wanted: string) => expect.objectContaining({ name: SpoqError.name, code: wanted })
const actions = async (machine: string) => (await listRecords(database.db, machine)).map(({ action }) => action)
const states = async (account: string, machine: string) =>
  (await list(ports, account, machine)).map(({ state }) => state)

/** Claimed and proven. */
async function held(asker: typeof alice, machine: string) {
  const { proof } = await add(ports, asker, machine, app)
  publish(proof.value)
  return { ...(await verify(ports, asker, machine, app)), proof }
}

describe('a domain', () => {
  test('needs a plan that has them; what was claimed under one stays', async () => {
    await add(ports, alice, hers, app)
    plan = plans.basic
    await add(ports, alice, hers, app)
    const refused = add(ports, alice, hers, 'another.example.com')
    await expect(refused).rejects.toThrow(code('plan_limit'))
    await expect(refused).rejects.toMatchObject({ next: expect.stringContaining('--plan pro') })
  })

  test('is frozen under a plan that has none, and leads to the machine again under one that has', async () => {
    await held(alice, hers)
    plan = plans.free
    expect([await states('alice', hers), await whoHolds(ports, app)]).toEqual([['frozen'], null])
    plan = plans.pro
    expect([await states('alice', hers), await whoHolds(ports, app)]).toEqual([['verified'], hers])
  })

  test('is claimed, then proven by its DNS, then the machine’s; each may be repeated', async () => {
    const claimed = await add(ports, alice, hers, app)
    expect(claimed).toMatchObject({
      state: 'waiting',
      proof: { name: `_spoq.${app}` },
      target: 'gateway.spoq.dev',
    })
    expect(await add(ports, alice, hers, app)).toEqual(claimed)
    await expect(verify(ports, alice, hers, app)).rejects.toThrow(code('domain_unproven'))
    dns.set(`_spoq.${app}`, [['another thing'], ['spoq-verify=', claimed.proof.value.slice(12)]])
    const verified = await verify(ports, alice, hers, app)
    expect(verified.state).toBe('verified')
    time += 5_000
    expect((await verify(ports, alice, hers, app)).verifiedAt).toBe(verified.verifiedAt)
    await remove(ports, alice, hers, app)
    await expect(remove(ports, alice, hers, app)).rejects.toThrow(code('domain_not_found'))
    expect(await actions(hers)).toEqual(['domain.add', 'domain.verify', 'domain.remove'])
  })

  test('that somebody else holds stays theirs while their proof is there, and goes to the new one when it is gone', async () => {
    const { proof: first } = await held(alice, hers)
    const { proof: second } = await add(ports, bob, his, app)
    expect(second.value).not.toBe(first.value)
    publish(first.value, second.value)
    await expect(verify(ports, bob, his, app)).rejects.toThrow(code('domain_taken'))
    publish(second.value)
    expect((await verify(ports, bob, his, app)).state).toBe('verified')
    expect(await states('alice', hers)).toEqual(['waiting'])
    expect(await actions(hers)).toContain('domain.lost')
  })

  test('of two who prove it at once has one holder', async () => {
    const proofs = [(await add(ports, alice, hers, app)).proof, (await add(ports, bob, his, app)).proof]
    publish(...proofs.map(({ value }) => value))
    await Promise.allSettled([verify(ports, alice, hers, app), verify(ports, bob, his, app)])
    const both = [...(await states('alice', hers)), ...(await states('bob', his))]
    expect(both.filter(state => state === 'verified')).toHaveLength(1)
  })

  test('cannot be claimed, seen, proven or taken away on somebody else’s machine', async () => {
    await held(alice, hers)
    const tries = [
      () => add(ports, bob, hers, app),
      () => verify(ports, bob, hers, app),
      () => remove(ports, bob, hers, app),
      () => list(ports, 'bob', hers),
    ]
    for (const tried of tries) await expect(tried()).rejects.toThrow(code('machine_not_found'))
    await expect(verify(ports, bob, his, app)).rejects.toThrow(code('domain_not_found'))
  })

  test.each(['otter.spoq.dev', 'spoq.dev', 'app.localhost', 'router.local', 'x.internal', '1.in-addr.arpa'])(
    '%s is nobody’s to claim',
    async domain => {
      await expect(add(ports, alice, hers, domain)).rejects.toThrow(code('domain_refused'))
    },
  )

  test('a DNS that does not answer proves nothing either way', async () => {
    await add(ports, alice, hers, app)
    dns.set(`_spoq.${app}`, 'ETIMEOUT')
    await expect(verify(ports, alice, hers, app)).rejects.toThrow(code('unavailable'))
  })

  test('twenty are enough for one machine', async () => {
    for (let n = 0; n < 20; n++) await add(ports, alice, hers, `a${n}.example.com`)
    await expect(add(ports, alice, hers, app)).rejects.toThrow(code('domain_limit'))
    await add(ports, alice, hers, 'a7.example.com')
  })
})

describe('the daily look', () => {
  const days = async (count: number) => {
    for (let n = 0; n < count; n++) {
      time += day + 1
      await recheck(ports)
    }
  }

  test('lets a domain go whose proof is gone for a week, and says so', async () => {
    await held(alice, hers)
    dns.clear()
    await days(6)
    expect(await states('alice', hers)).toEqual(['verified'])
    await days(1)
    expect(await states('alice', hers)).toEqual(['waiting'])
    expect((await actions(hers)).at(-1)).toBe('domain.lost')
  })

  test('counts anew when the proof is back, and does not count while the DNS is away', async () => {
    const { proof } = await held(alice, hers)
    dns.clear()
    await days(6)
    publish(proof.value)
    await days(1)
    dns.set(`_spoq.${app}`, 'ESERVFAIL')
    await days(20)
    dns.clear()
    await days(6)
    expect(await states('alice', hers)).toEqual(['verified'])
  })
})
