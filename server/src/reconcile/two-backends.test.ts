import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { create } from '../machine/create.ts'
import { findMachine } from '../machine/store.ts'
import { terminate } from '../machine/terminate.ts'
import { testPorts } from '../machine/test-ports.ts'
import { fakeProvider } from './fake-provider.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

const asker = { account: 'alice', requestId: 'req_alice' }

/** At the nth call of the provider: its backend is silent for too long and another works meanwhile, or dies there. */
const event = fc.record({
  call: fc.integer({ min: 1, max: 6 }),
  happens: fc.constantFrom('silent', 'dead before', 'dead after', 'terminate'),
})

// Mutants: a takeover that leaves `create_sent_at` as it was.
test('whoever falls silent or dies in whatever call: one machine or none, and an audit without a gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 4 }), fc.constantFrom(0, 3_000), async (events, listLagMs) => {
      let time = 1_000_000
      const now = () => time
      const provider = fakeProvider(now, { listLagMs })
      const providers = new Map([['local', provider]] as const)
      const machines = { ...testPorts(database, providers), now }
      const where = { issuer: 'http://a', jwksUrl: 'http://a/jwks', now, databaseNow: async () => time, log: () => {} }
      const { id } = await create(machines, asker, {}, undefined)
      const lapse = () => database.query(`UPDATE machine SET lease_until = now() - interval '1 s' WHERE id = $1`, [id])

      let backends = 0
      let most = 0
      const backend = (): ReconcilePorts => {
        const lease = { owner: `backend_${++backends}`, ms: 60_000 }
        return { ...database, lease, providers, ...where }
      }
      /** One backend until nothing is due. It may be cut off: then it answers no more, and its lease has to end. */
      const work = async (ports: ReconcilePorts): Promise<void> => {
        for (let looks = 0; looks < 60; looks++) {
          const woken = machines.woken.length
          const cut = Promise.withResolvers<'dead'>()
          die.push(() => cut.resolve('dead'))
          const next = await Promise.race([reconcileMachine(ports, id), cut.promise])
          die.pop()
          if (next === 'dead') {
            await lapse()
            return work(backend())
          }
          if (next === null && machines.woken.length === woken) return
          time = Math.max(time, next ?? 0)
        }
        throw new Error('it does not come to rest')
      }
      const die: (() => void)[] = []
      const at = () => events.filter(({ call }) => call === provider.calls.length)
      const deaths = new Map<number, 'before' | 'after'>()
      provider.fault = (_, call) => {
        const dead = at().find(({ happens }) => happens.startsWith('dead'))
        if (dead) deaths.set(call, dead.happens === 'dead before' ? 'before' : 'after')
        return undefined
      }
      provider.meanwhile = async () => {
        const here = at()
        if (here.some(({ happens }) => happens === 'terminate')) await terminate(machines, asker, id).catch(() => {})
        if (here.some(({ happens }) => happens === 'silent')) {
          await lapse()
          await work(backend())
        }
        // A call may be on its way for long before its backend dies, and have its effect then.
        if (here.some(({ happens }) => happens === 'dead after')) time += 10_000
        if (here.some(({ happens }) => happens === 'dead before')) {
          die.at(-1)?.()
          await new Promise(() => {})
        }
      }
      for (const verb of ['create', 'terminate', 'suspend', 'resume'] as const) {
        const alive = provider[verb] as (given: never) => Promise<never>
        provider[verb] = (async (given: never) => {
          const answer = await alive(given)
          most = Math.max(most, provider.resources.size)
          if (deaths.get(provider.calls.length) !== 'after') return answer
          die.at(-1)?.()
          return new Promise(() => {})
        }) as never
      }
      await work(backend())
      provider.meanwhile = async () => {}
      time += 10_000
      await work(backend())

      // Who was silent in a create cannot be kept from sending it; then there are two for a while.
      if (!events.some(({ happens }) => happens === 'silent')) expect(most).toBeLessThanOrEqual(1)
      const row = (await findMachine(database.db, id)) ?? expect.fail('the row is gone')
      expect(row.state).toBe(row.wanted)
      expect([...provider.resources.values()].map(({ state }) => state)).toEqual(
        row.wanted === 'running' ? ['running'] : [],
      )
      const told = (await listRecords(database.db, id)).filter(({ to }) => to !== null)
      expect(told.map(({ from }) => from)).toEqual([null, ...told.slice(0, -1).map(({ to }) => to)])
      expect(told.at(-1)?.to).toBe(row.state)
    }),
    { numRuns: 200 },
  )
})
