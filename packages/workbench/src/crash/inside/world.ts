// What outlives every incarnation: the database, the provider, the time. One world a run, over a database that is reused.

import type { AccessSnapshot } from '@spoq/contracts/access'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Database } from '@spoq/server/db/open'
import type { MachinePorts } from '@spoq/server/machine/ports'
import { terminate } from '@spoq/server/machine/terminate'
import { plans } from '@spoq/server/plan/table'
import { type Dialect, sql } from 'kysely'
import { machineOf } from '../rows.ts'
import { type Clock, openClock } from './clock.ts'
import { type Cloud, openCloud } from './cloud.ts'
import type { Mutant } from './mutants.ts'
import { openServer, type Server } from './server.ts'

/** What the runs of a bench share. */
export interface Shared {
  /** The bench's own way in, past every gate. */
  database: Database
  /** What each incarnation gets its connections from. */
  dialect: Dialect
}

export interface World extends Shared {
  /** Whether machines are made ahead. */
  pooled: boolean
  clock: Clock
  cloud: Cloud
  /** What the Conductors of machines that are made ahead go by. */
  told: Map<string, AccessSnapshot>
  /** The provider as the backend sees it: with the sweep off, what is nobody's is not shown to it. */
  seen: ProvisioningProvider
  mutant: Mutant
  /** The server of the machine, where it is one that is set up over SSH. */
  server: Server | null
  /** Whether there are machines in their grace, which somebody looks at. */
  endings: boolean
  /** What makes the backups: it reads machines that run, as they are now. */
  copyMachines(): Promise<void>
  takeWakes(): Promise<string[]>
  /** Ends the machine of the run, as its owner does by another request. */
  meanwhile(what: string): Promise<void>
  /** Waits for what `meanwhile` began; true when there was no machine yet to end. */
  cancelled(): Promise<boolean>
  pass(ms: number): void
  /** Lets the time pass to the next timer, if it is due until then, and calls it; false when none is. */
  advance(until?: number): Promise<boolean>
}

export const asker = { account: 'accountOfTheCrashBench', requestId: 'req_crash' }
export const key = 'key-of-the-run'
/** Somebody else, who asks at the same time. */
export const other = { account: 'accountOfAnother', requestId: 'req_other' }
export const otherKey = 'key-of-another'
/** What has a resource and no row: the orphan. */
export const nobody = 'mach_ofNobody'

export interface Weather {
  /** The provider's list lags, and its machines take a while to start. */
  lag: boolean
  /** The orphan sweep sees what is nobody's. */
  sweep: boolean
}

interface Options {
  endings?: boolean
  pooled?: boolean
  servers?: 'there' | 'lost' | null
  /** What its server was set up for before. */
  at?: string | null
}

export function openWorld(
  shared: Shared,
  { lag, sweep }: Weather,
  mutant: Mutant,
  { endings = false, pooled = false, servers = null, at = null }: Options = {},
): World {
  const clock = openClock(1_700_000_000_000)
  const overSsh = { servers: servers !== null, isLost: (machine: string) => servers === 'lost' && machine !== nobody }
  const cloud = openCloud({ now: clock.now, ...overSsh, ...(lag ? { lagMs: 5_000, startMs: 2_000 } : {}) })
  const { database } = shared
  const { db, query } = database
  const wake: MachinePorts['wake'] = async (trx, machine) => {
    await sql`insert into crash_wake (machine) values (${machine})`.execute(trx)
  }
  const machines = {
    db,
    providers: new Map([['local', cloud]] as const),
    wake,
    emailOf: async () => null,
    isVerified: async () => true,
    planOf: async () => plans.enterprise,
    placeOf: async () => null,
    prepay: async () => {},
    now: clock.now,
  }
  let ending = Promise.resolve(true)

  const end = async () => {
    const machine = await machineOf(database, key)
    if (machine) await terminate(machines, asker, machine)
    return machine === undefined
  }
  const known = async () => new Set((await query<{ id: string }>('SELECT id FROM machine')).map(({ id }) => id))

  /** Leases end by the database's own clock, for which no time passes here: so they end sooner. */
  const age = (ms: number) =>
    query(
      "UPDATE machine SET lease_until = lease_until - $1 * interval '1 millisecond' WHERE lease_until IS NOT NULL",
      [Math.max(ms, 0)],
    )

  return {
    ...shared,
    pooled,
    told: new Map(),
    clock,
    cloud,
    mutant,
    server: servers && openServer(at),
    endings,
    async copyMachines() {
      await query(
        `UPDATE backup SET state = CASE WHEN machine_id IN (SELECT id FROM machine WHERE state = 'running') THEN 'ready' ELSE 'failed' END
         WHERE state IN ('waiting', 'making')`,
      )
    },
    seen: sweep
      ? cloud
      : {
          ...cloud,
          list: async () =>
            ((ours, all) => all.filter(({ machine }) => ours.has(machine)))(await known(), await cloud.list()),
        },
    takeWakes: async () =>
      (await query<{ machine: string }>('DELETE FROM crash_wake RETURNING machine')).map(({ machine }) => machine),
    async meanwhile(what) {
      ending = end()
      ending.catch(() => {})
      // Inside a transaction nobody may wait for it: it waits for that very transaction.
      if (apart.has(what)) await ending
    },
    cancelled: () => ending,
    pass: clock.pass,
    async advance(until = Number.POSITIVE_INFINITY) {
      const due = clock.due()
      if (due === null || due > until) return false
      if (database.engine === 'postgres') await age(due - clock.now())
      clock.next()
      return true
    },
  }
}

/** Calls that are made while no connection is held. */
const apart = new Set([
  'connect',
  'turn',
  'create',
  'status',
  'suspend',
  'resume',
  'terminate',
  'resize',
  'snapshot',
  'restore',
  'removeSnapshot',
  'find',
  'list',
  'form',
  'send',
  'reach',
  'run',
  'leaves',
  'abandon',
])
