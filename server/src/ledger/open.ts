// The ledger as it runs: posts go together, each minute the chain grows and holds end, each hour the sums are checked.

import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import { repeat } from '../repeat.ts'
import { openBatch } from './batch.ts'
import { expire } from './expire.ts'
import type { Ledger } from './ports.ts'
import { publishHead, seal } from './seal.ts'
import { sendPosts } from './store.ts'
import { verifySums } from './verify.ts'

export interface LedgerOptions extends Pick<Database, 'db' | 'unlessLocked'> {
  now: () => number
  log: Log
  /** The file that the heads of the chain are written to. */
  headFile: string
  everyMs: number
}

export interface OpenLedger extends Ledger {
  headFile: string
  /** How many things the last check of sums has found; 0 before the first. */
  wrong: () => number
  /** Ends once all that was given is posted. */
  stop(): Promise<void>
}

const hourMs = 3_600_000

export function openLedger({ db, unlessLocked, now, log, headFile, everyMs }: LedgerOptions): OpenLedger {
  const batch = openBatch(posts => sendPosts(db, posts, now()))
  let wrong = 0
  let checkedAt = Number.NEGATIVE_INFINITY
  const each = repeat({ name: 'ledger', everyMs, log }, async () => {
    await unlessLocked('ledger', async () => {
      await expire({ db, now })
      await seal({ db, now })
    })
    // Each backend has its own file: whoever forges the chain has to reach all of them.
    await publishHead({ db, now, log, headFile })
    if (now() >= checkedAt + hourMs) await check()
  })
  async function check(): Promise<void> {
    const findings = await verifySums(db, headFile)
    checkedAt = now()
    wrong = findings.length
    for (const finding of findings) log('error', 'ledger.wrong', { finding })
  }
  return {
    ...{ db, now, batch, headFile },
    wrong: () => wrong,
    async stop() {
      await Promise.all([each.stop(), batch.stop()])
    },
  }
}
