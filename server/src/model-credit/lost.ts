// Calls that were cut off: whoever made them is gone. What was taken, or given back, stands in the ledger. Where it was neither,
// nobody can prove what the vendor has counted: the account pays nothing, the money is free again, and whoever runs the server is
// told.

import type { Transaction } from 'kysely'
import type { CallOutcome, Tables } from '../db/tables.ts'
import { endHold } from '../ledger/end-hold.ts'
import { callMs, keyOf, type ModelCreditPorts } from './ports.ts'
import { endCut, listOpen, type OpenCall } from './store.ts'

const outcomes = { captured: 'paid', released: 'free', expired: 'lost' } as const satisfies Record<string, CallOutcome>

/** Ends the calls whose time is over. At any time, and again; nothing is taken here. */
export async function endLost({ db, ledger, now, log }: Pick<ModelCreditPorts, 'db' | 'ledger' | 'now' | 'log'>) {
  for (const call of await listOpen(db, new Date(now() - callMs))) {
    const outcome = await db.transaction().execute(trx => endOne(trx, call))
    if (!outcome) continue
    const { id, account_id: account, machine_id: machine, vendor, model, held_micros: heldMicros } = call
    const said = { call: id, account, machine, vendor, model, heldMicros }
    if (outcome === 'lost') log('error', 'model-credit.lost', said)
    else log('warn', 'model-credit.found', { ...said, outcome })
  }

  async function endOne(trx: Transaction<Tables>, { id }: OpenCall): Promise<CallOutcome | null> {
    // Late as whoever made it may be: from here on it takes nothing any more.
    const { how, taken } = (await endHold(ledger, keyOf(id), trx)) ?? { how: 'expired', taken: 0n }
    const ended = { cost: Number(taken), outcome: outcomes[how] }
    return (await endCut(trx, id, ended, now())) ? ended.outcome : null
  }
}
