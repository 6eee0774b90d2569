// One life of a backend's core over a world that outlives it: the verbs of machines and the reconciler, each call of theirs
// through a gate.

import { SshFailed } from '@spoq/kit/ssh-job'
import { ProviderError, type ProvisioningProvider } from '@spoq/providers'
import { newId } from '@spoq/server/db/new-id'
import type { Tables } from '@spoq/server/db/tables'
import { lookAtEndings } from '@spoq/server/ending/look'
import type { EndingPorts } from '@spoq/server/ending/ports'
import type { MachinePorts } from '@spoq/server/machine/ports'
import { forgetDeadBackend, forgetMoved } from '@spoq/server/machine/store'
import { plans } from '@spoq/server/plan/table'
import { openPool } from '@spoq/server/pool/open'
import { keepLeases } from '@spoq/server/reconcile/keep-leases'
import { openReconciler } from '@spoq/server/reconcile/open'
import { machineSetup } from '@spoq/server/setup/open'
import { Kysely, sql, type Transaction } from 'kysely'
import { type Gate, openGate, type Strike } from './gate.ts'
import { made, near, tellingOwners } from './pool.ts'
import { domain, type Server } from './server.ts'
import { watchConnections } from './watch-connections.ts'
import type { World } from './world.ts'

export interface Incarnation {
  gate: Gate
  machines: MachinePorts
  endings: EndingPorts
  /** Has the reconciler hear the wake-ups that were committed. */
  deliver(): Promise<void>
  /** Drops all that the dead one held, or ends the living one. */
  end(): Promise<void>
}

const release = { version: '1', platform: 'p', file: 'spoq-1-0123456789ab-linux-x64.tar.gz', sha256: 'a', bytes: 1 }

export const where = { issuer: 'http://127.0.0.1:4100', jwksUrl: 'http://127.0.0.1:4100/jwks' }

/** Starts one as `backend.ts` does; a start that fails ends the process, and one that is struck dead never ends. */
export async function begin(world: World, strikes: readonly Strike[] = []): Promise<Incarnation> {
  const gate = openGate({ meanwhile: world.meanwhile, leap: () => world.pass(3_600_000) })
  gate.arm(strikes)
  const { dialect, drop } = watchConnections(world.dialect, gate, world.mutant.sending)
  const db = new Kysely<Tables>({ dialect })
  const now = () => gate.aroundNow('clock', world.clock.now)
  const databaseNow = async () => now()
  const watched = watchProvider(world.mutant.provider(world.seen), gate)
  const form = () => gate.around('form', async () => made.form)
  const providers = new Map([['local', world.pooled ? near({ ...watched, form }) : watched]] as const)
  const timers = world.clock.timers()
  const lease = { owner: newId('backend'), ms: 30_000 }
  let woken = false

  const wake = (trx: Transaction<Tables>, machine: string) =>
    gate.around('wake', async () => {
      woken = true
      await sql`insert into crash_wake (machine) values (${machine})`.execute(trx)
    })

  const setupOn = (server: Server) =>
    machineSetup({
      ...{ db, secret: 'secret', installation: 'bench', tls: 'internal', now, timers, ...where },
      releases: { current: async () => release, find: () => null },
      endpointOf: ({ name }) => `https://${name}.${domain}`,
      async runJob(_, job, { onLine }) {
        const away = () => new SshFailed('away', 'run failed on purpose')
        for (const line of await gate.around('run', async () => server.run(job), away)) onLine(line)
        return 0
      },
    })

  let reconciler: ReturnType<typeof openReconciler> | undefined
  const placeOf = async () => null
  const machines: MachinePorts = {
    db,
    providers,
    wake,
    emailOf: async account => (world.mutant.namesApart ? `${account}@example.com` : null),
    isVerified: async () => true,
    planOf: async () => plans.enterprise,
    placeOf,
    prepay: async () => {},
    now,
  }
  const start = async () => {
    if (world.database.engine === 'embedded') await forgetDeadBackend(db, await databaseNow())
    await forgetMoved(db, where.issuer)
    const told = world.pooled ? { access: tellingOwners(world, gate, db, now) } : {}
    const setUp = world.server ? { setup: setupOn(world.server) } : {}
    const ports = { db, unlessLocked, lease, providers, ...where, ...told, now, databaseNow, log: () => {}, ...setUp }
    reconciler = openReconciler(ports, 30_000, timers)
    keepLeases(ports, reconciler.wake, timers)
    if (world.pooled) {
      const pool = { ...ports, ...made, wake, placeOf, plan: plans.enterprise, isHealthy: async () => true }
      machines.pool = openPool(pool, reconciler.wake, 30_000, timers)
    }
    await deliver(true)
  }
  async function deliver(all = false): Promise<void> {
    if (!woken && !all) return
    woken = false
    for (const machine of await world.takeWakes()) reconciler?.wake(machine)
  }

  const endings: EndingPorts = {
    ...machines,
    times: { graceMs: 20_000, extensionMs: 20_000, againMs: 5_000, runWithinMs: 30_000 },
    copies: true,
    verify: async () => {},
    linkOf: backup => `http://spoq.test/backups/${backup}`,
    wakeBackups: () => {},
    mail: { put: async () => {}, wake: () => {} },
    log: () => {},
  }
  if (world.endings) {
    let busy = false
    timers.every(5_000, () => {
      if (busy) return
      busy = true
      lookAtEndings(endings)
        .catch(() => {})
        .finally(() => {
          busy = false
        })
    })
    timers.every(12_000, world.copyMachines)
  }

  const starting = start().catch(() => gate.kill())
  await Promise.race([starting, gate.killed])
  return {
    gate,
    machines,
    endings,
    deliver,
    async end() {
      gate.kill()
      timers.end()
      await drop()
    },
  }
}

/** There is no other backend beside this one. */
const unlessLocked = async (_: string, work: () => Promise<void>) => {
  await work()
  return true
}

function watchProvider(provider: ProvisioningProvider, gate: Gate): ProvisioningProvider {
  const around = <T>(verb: string, call: () => Promise<T>) =>
    gate.around(verb, call, () => new ProviderError('retry', `${verb} failed on purpose`))
  return {
    name: provider.name,
    capabilities: provider.capabilities,
    create: spec => around('create', () => provider.create(spec)),
    status: ref => around('status', () => provider.status(ref)),
    suspend: ref => around('suspend', () => provider.suspend(ref)),
    resume: ref => around('resume', () => provider.resume(ref)),
    terminate: ref => around('terminate', () => provider.terminate(ref)),
    resize: (ref, size) => around('resize', () => provider.resize?.(ref, size) ?? unable()),
    rotateCredentials: ref => around('rotateCredentials', () => provider.rotateCredentials?.(ref) ?? unable()),
    snapshot: (ref, name) => around('snapshot', () => provider.snapshot?.(ref, name) ?? unable()),
    restore: (ref, name) => around('restore', () => provider.restore?.(ref, name) ?? unable()),
    removeSnapshot: (ref, name) => around('removeSnapshot', () => provider.removeSnapshot?.(ref, name) ?? unable()),
    find: machine => around('find', () => provider.find(machine)),
    list: () => around('list', () => provider.list()),
    ...(provider.capabilities.setUp === 'ssh' ? watchServers(provider, around) : {}),
  }
}

type Around = <T>(verb: string, call: () => Promise<T>) => Promise<T>

const watchServers = (provider: ProvisioningProvider, around: Around) => ({
  reach: (ref: string) => around('reach', () => provider.reach?.(ref) ?? unable()),
  leaves: (ref: string) => around('leaves', () => provider.leaves?.(ref) ?? unable()),
  abandon: (ref: string) => around('abandon', () => provider.abandon?.(ref) ?? unable()),
})

function unable(): never {
  throw new Error('the provider of the bench cannot do this')
}
