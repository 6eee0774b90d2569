// What outlives every incarnation: the database, the provider, the time. One world a run, over a database that is reused.

import type { ProvisioningProvider } from '@spoq/providers'
import { create } from '@spoq/server/machine/create'
import { terminate } from '@spoq/server/machine/terminate'
import type { Tables } from '@spoq/server/db/tables'
import { type Dialect, type Kysely, sql } from 'kysely'
import { machineOf } from '../rows.ts'
import { type Clock, openClock } from './clock.ts'
import { type Cloud, openCloud } from './cloud.ts'
import type { Mutant } from './mutants.ts'

/** A database that the runs of a bench share. `db` is the bench's own way in, past every gate. */
export interface Shared {
  engine: string
  dialect: Dialect
  db: Kysely<Tables>
}

export interface World extends Shared {
  clock: Clock
  cloud: Cloud
  /** The provider as the backend sees it: with the sweep off, what is nobody's is not shown to it. */
  seen: ProvisioningProvider
  mutant: Mutant
  takeWakes(): Promise<string[]>
  /** Ends the machine of the run, as its owner does by another request. */
  meanwhile(what: string): Promise<void>
  /** Waits for what `meanwhile` began; true when there was no machine yet to end. */
  cancelled(): Promise<boolean>
  pass(ms: number): void
  advance(until?: number): boolean
}

export const asker = { account: 'accountOfTheCrashBench', requestId: 'req_crash' }
export const key = 'key-of-the-run'

export interface Weather {
  /** The provider's list lags, and its machines take a while to start. */
  lag: boolean
  /** The orphan sweep sees what is nobody's. */
  sweep: boolean
}

export function openWorld(shared: Shared, { lag, sweep }: Weather, mutant: Mutant): World {
  const clock = openClock(1_700_000_000_000)
  const cloud = openCloud({ now: clock.now, ...(lag ? { lagMs: 5_000, startMs: 2_000 } : {}) })
  const { db } = shared
  const wake = async (trx: Parameters<Parameters<typeof create>[0]['wake']>[0], machine: string) => {
    await sql`insert into crash_wake (machine) values (${machine})`.execute(trx)
  }
  const machines = { db, providers: new Map([['local', cloud]] as const), wake, emailOf: async () => null, now: clock.now }
  let ending = Promise.resolve(true)

  const end = async () => {
    const machine = await machineOf(db, key)
    if (machine) await terminate(machines, asker, machine)
    return machine === undefined
  }
  const known = async () =>
    new Set((await sql<{ id: string }>`select id from machine`.execute(db)).rows.map(({ id }) => id))

  return {
    ...shared,
    clock,
    cloud,
    mutant,
    seen: sweep
      ? cloud
      : { ...cloud, list: async () => ((ours, all) => all.filter(({ machine }) => ours.has(machine)))(await known(), await cloud.list()) },
    takeWakes: async () =>
      (await sql<{ machine: string }>`delete from crash_wake returning machine`.execute(db)).rows.map(row => row.machine),
    async meanwhile(what) {
      ending = end()
      ending.catch(() => {})
      // Inside a transaction nobody may wait for it: it waits for that very transaction.
      if (apart.has(what)) await ending
    },
    cancelled: () => ending,
    pass: clock.pass,
    advance: clock.next,
  }
}

/** Calls that are made while no connection is held. */
const apart = new Set(['connect', 'create', 'status', 'suspend', 'resume', 'terminate', 'list'])
