import { ProviderError } from '@spoq/providers'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { create } from '../machine/create.ts'
import { start } from '../machine/start.ts'
import { stop } from '../machine/stop.ts'
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

const lease = { owner: 'backend_a', ms: 30_000 }
const asker = { account: 'alice', requestId: 'req_alice' }
const verbs = { stop, start, terminate }
const aims = { running: 'running', stopped: 'stopped', terminated: 'terminated' }

/** At the nth call of the provider: how it fails, or what the owner asks for, or that the backend's address changes. */
const event = fc.record({
  call: fc.integer({ min: 1, max: 25 }),
  happens: fc.constantFrom('before', 'after', 'stop', 'start', 'move', 'terminate', 'terminate'),
})

// Mutants: no look at the list before a create; `create_sent_at` not written, or not moved when a create fails; a stale
// row written all the same; the address of now written for that which a create was sent with; the wake-up of a busy machine dropped.
test('whatever fails and whatever is asked meanwhile: one resource or none, as was wanted last, and a whole audit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 8 }), fc.constantFrom(0, 3_000), async (events, listLagMs) => {
      let time = 1_000_000
      const now = () => time
      const provider = fakeProvider(now, { listLagMs })
      const providers = new Map([['local', provider]] as const)
      const machines = { ...testPorts(database, providers), now }
      const where = { issuer: 'http://a', jwksUrl: 'http://a/jwks' }
      const ports: ReconcilePorts = {
        ...database,
        lease,
        providers,
        ...where,
        now,
        databaseNow: async () => time,
        log: () => {},
      }
      const { id } = await create(machines, asker, {}, undefined)

      const at = () => events.filter(({ call }) => call === provider.calls.length)
      provider.fault = () => {
        const fails = at().find(({ happens }) => happens === 'before' || happens === 'after')
        const error = new ProviderError('retry', 'The provider is tired.')
        return fails && { when: fails.happens as 'before' | 'after', error }
      }
      provider.meanwhile = async () => {
        for (const { happens } of at()) {
          if (happens === 'move') Object.assign(ports, { issuer: `${ports.issuer}a` })
          if (happens in verbs) await verbs[happens as keyof typeof verbs](machines, asker, id).catch(() => {})
        }
      }
      /** As `open.ts` has it: again after each wake-up, and when the next look is due. */
      const settle = async () => {
        for (let looks = 0; looks < 100; looks++) {
          const woken = machines.woken.length
          const next = await reconcileMachine(ports, id)
          if (next === null && machines.woken.length === woken) return
          time = Math.max(time, next ?? 0)
        }
        throw new Error('it does not come to rest')
      }
      await settle()
      // Whatever an unanswered create made shows by now; the scan would look again.
      time += 10_000
      await settle()

      const row = await findMachine(database.db, id)
      if (!row) throw new Error('the row is gone')
      expect(row.state).toBe(aims[row.wanted])
      expect([...provider.resources.values()].map(({ state }) => state)).toEqual(
        { running: ['running'], stopped: ['stopped'], terminated: [] }[row.wanted],
      )
      if (row.wanted === 'running') expect(provider.issuers.get(String(row.provider_ref))).toBe(ports.issuer)
      const told = (await listRecords(database.db, id)).filter(({ to }) => to !== null)
      expect(told.map(({ from }) => from)).toEqual([null, ...told.slice(0, -1).map(({ to }) => to)])
      expect(told.at(-1)?.to).toBe(row.state)
    }),
    { numRuns: 150 },
  )
})
