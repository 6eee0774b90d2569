// The queue that wakes the reconciler. A job says "look at this machine" and nothing else: the truth is the row, so a job
// that is lost costs time, never a machine.

import type { Transaction } from 'kysely'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Database } from '../db/open.ts'
import type { Tables } from '../db/tables.ts'
import { type Log, textOf } from '../log.ts'

export interface Jobs {
  /** Wakes once the transaction is committed; several at once may be heard as one. */
  wake(trx: Transaction<Tables>, machine: string): Promise<void>
  /** From now on, hears who is woken. */
  work(heard: (machine: string) => void): Promise<void>
  stop(): Promise<void>
}

const queue = 'machine'

/**
 * Nothing is repeated or kept: the scan does what a lost job did not. Nor is a job left out because one waits already: that
 * one may be heard before the transaction that relied on it is committed.
 */
const settings = { retryLimit: 0, expireInSeconds: 60, retentionSeconds: 3_600, deleteAfterSeconds: 60, notify: true }

/** Opens the queue, for which pg-boss makes a schema of its own. Several that start at once: see `backend.ts`. */
export async function openJobs(database: Database, log: Log): Promise<Jobs> {
  const boss = new PgBoss({ ...database.boss, schedule: false, useListenNotify: true })
  boss.on('error', error => log('error', 'job.failed', { error: textOf(error) }))
  await boss.start()
  await boss.createQueue(queue, settings)
  await warmQueueCache(boss)
  return {
    wake: async (trx, machine) => {
      await boss.send(queue, { machine }, { db: fromKysely(trx) })
    },
    work: async heard => {
      await boss.work<{ machine: string }>(queue, { batchSize: 50, notifyPollingIntervalSeconds: 5 }, async jobs => {
        for (const machine of new Set(jobs.map(({ data }) => data.machine))) heard(machine)
      })
    },
    stop: () => boss.stop({ graceful: true, timeout: 5_000 }),
  }
}

/** The first send of a queue reads its settings past the transaction it is in, and would wait for itself for ever. */
async function warmQueueCache(boss: PgBoss): Promise<void> {
  const id = await boss.send(queue, { machine: 'nobody' }, { startAfter: 3_600 })
  if (id) await boss.deleteJob(queue, id)
}
