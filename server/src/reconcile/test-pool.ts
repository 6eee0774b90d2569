// For tests: a pool over a provider in memory, a reconciler that works when it is told to, and people who ask.

import type { Plan } from '@spoq/contracts/plan'
import type { Resource } from '@spoq/providers'
import { fakeConductor } from '../access/fake-conductor.ts'
import { machineAccess } from '../access/tell.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import type { Log } from '../log.ts'
import { create, type NewMachine } from '../machine/create.ts'
import { terminate } from '../machine/terminate.ts'
import { testPorts } from '../machine/test-ports.ts'
import { plans } from '../plan/table.ts'
import { keepPool } from '../pool/keep.ts'
import type { PoolPorts } from '../pool/ports.ts'
import { fakeProvider } from './fake-provider.ts'
import { reconcileMachine } from './reconcile.ts'

export type TestPool = ReturnType<typeof testPool>

/** `plan`: of all who ask; left out: machines are on hardware of their own, and no plan counts them. */
export function testPool(database: Database, limits = { min: 2, max: 4 }, plan?: Plan) {
  const time = { now: 1_700_000_000_000 }
  const now = () => time.now
  const made = { of: 'v1', size: 'small' }
  const plain = fakeProvider(now, plan ? { hardware: 'fleet' } : {})
  const near = <R extends Resource>(resource: R): R => ({ ...resource, socket: `/run/${resource.machine}/edge.sock` })
  const { find, list } = plain
  const provider = Object.assign(plain, {
    form: async () => made.of,
    find: async (machine: string) => (await find(machine)).map(near),
    list: async () => (await list()).map(near),
    socketOf: (machine: string) => `/run/${machine}/edge.sock`,
  })
  const providers = new Map([['local', provider]] as const)
  const issuer = 'http://a'
  const lease = { owner: 'backend_a', ms: 30_000 }
  const sick = new Set<string>()
  const machines = { ...testPorts(database, providers), now, isVerified: async () => true }
  const placeOf: typeof machines.placeOf = async (_, { size }) => ({
    region: 'here',
    size: size ?? made.size,
    price: { centsMonthly: 0, currency: 'USD' },
  })
  const log: Log = () => {}
  const pool: PoolPorts = {
    ...database,
    providers,
    wake: machines.wake,
    placeOf,
    lease,
    plan: plans.basic,
    limits,
    maxAgeMs: 3_600_000,
    issuer,
    isHealthy: async ({ machine }) => !sick.has(machine),
    now,
    log,
  }
  const conductor = fakeConductor()
  const access = machineAccess({
    db: database.db,
    revokedBy: async () => new Map(),
    profilesOf: async () => new Map(),
    messages: async () => new Map(),
    modelKeys: { versionsOf: async () => new Map(), openOf: async () => ({ versions: [], keys: [] }) },
    send: async (to, snapshot) => {
      if (conductor.fault()) return conductor.send(to, snapshot)
      conductor.held = snapshot
      return snapshot.number
    },
    tokenFor: async () => 'token',
    now,
  })
  const reconcile = {
    ...database,
    lease,
    providers,
    issuer,
    jwksUrl: `${issuer}/jwks`,
    access,
    now,
    databaseNow: async () => time.now,
    log,
  }
  const asker = (account: string) => ({ account, requestId: `req_${account}` })
  /** Whether what is claimed is told at once. */
  const hand = { over: false }
  const claimable = {
    fitFor: ({ provider: name, template, region = null, size = null }: MachineRow) => ({
      ...{ provider: name, template, region, size, form: made.of, issuer },
      madeAfter: new Date(time.now - pool.maxAgeMs),
    }),
    lease,
    asked: async (row: MachineRow | undefined) =>
      void (hand.over && row && (await reconcileMachine(reconcile, row.id, row))),
  }
  const rows = (): Promise<MachineRow[]> => database.db.selectFrom('machine').selectAll().orderBy('id').execute()

  return {
    provider,
    conductor,
    made,
    sick,
    pool,
    hand,
    pass: (ms: number) => {
      time.now += ms
    },
    rows,
    warm: async () => (await rows()).filter(({ stage }) => stage === 'warm').map(({ id }) => id),
    ask: (account: string, asked: NewMachine = {}, key?: string) =>
      create(
        { ...machines, ...(plan ? { planOf: async () => plan } : {}), placeOf, pool: claimable as never },
        asker(account),
        asked,
        key,
      ),
    end: (account: string, machine: string) => terminate(machines, asker(account), machine),
    keep: () => keepPool(pool),
    /** Has the reconciler do all that is to be done now. */
    async settle() {
      for (const { id } of await rows()) await reconcileMachine(reconcile, id)
    },
  }
}
