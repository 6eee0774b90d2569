// The queue that wakes the reconciler. A job says "look at this machine" and nothing else: the truth is the row, so a job
// that is lost costs time, never a machine.

import type { PGlite } from '@electric-sql/pglite'
import type { Transaction } from 'kysely'
import { fromKysely, fromPglite, PgBoss } from 'pg-boss'
import type { Tables } from '../db/tables.ts'
import { type Log, textOf } from '../log.ts'

export interface Jobs {
  /** Wakes once the transaction is committed; several before the first is heard are one. */
  wake(trx: Transaction<Tables>, machine: string): Promise<void>
  /** From now on, hears who is woken. */
  work(heard: (machine: string) => void): Promise<void>
  stop(): Promise<void>
}

const queue = 'machine'

/** `short`: of each key one job waits at most. Nothing is repeated or kept: the scan does what a lost job did not. */
const settings = { retryLimit: 0, expireInSeconds: 60, retentionSeconds: 3_600, deleteAfterSeconds: 60, notify: true }

/** Opens the queue on the embedded database, which pg-boss gives a schema of its own. */
export async function openJobs(pglite: PGlite, log: Log): Promise<Jobs> {
  const boss = new PgBoss({ db: fromPglite(pglite), backend: 'pglite', schedule: false, useListenNotify: true })
  boss.on('error', error => log('error', 'job.failed', { error: textOf(error) }))
  await boss.start()
  await boss.createQueue(queue, { policy: 'short', ...settings })
  await warmQueueCache(boss)
  return {
    wake: async (trx, machine) => {
      await boss.send(queue, { machine }, { singletonKey: machine, db: fromKysely(trx) })
    },
    work: async heard => {
      await boss.work<{ machine: string }>(queue, { batchSize: 50, notifyPollingIntervalSeconds: 5 }, async jobs => {
        for (const { data } of jobs) heard(data.machine)
      })
    },
    stop: () => boss.stop({ graceful: true, close: false, timeout: 5_000 }),
  }
}

/** The first send of a queue reads its settings past the transaction it is in, and would wait for itself for ever. */
async function warmQueueCache(boss: PgBoss): Promise<void> {
  const key = 'warm'
  await boss.send(queue, { machine: key }, { singletonKey: key })
  await boss.deleteQueuedJobs(queue)
}
