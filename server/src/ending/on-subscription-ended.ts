// What nobody pays for any more, after its grace: each machine ends, with a final backup that is verified first.

import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { Tables } from '../db/tables.ts'
import { change } from '../machine/move.ts'
import { isUnpaid } from '../machine/on-plan-changed.ts'
import { lockOwnedAll } from '../machine/store.ts'
import { begun } from './ending.ts'
import { endingOf } from './hold.ts'
import { beginsLetter, tell } from './letter.ts'
import type { EndingPorts } from './ports.ts'

/** It had its grace: so long there is for the final backup. */
const lastMs = 86_400_000

/** In the transaction that ends the subscription: begins the end of each machine that was suspended for it. */
export async function onSubscriptionEnded(
  ports: EndingPorts,
  trx: Transaction<Tables>,
  account: string,
  to: string | null,
) {
  const { now, times, copies, wake } = ports
  for (const row of (await lockOwnedAll(trx, account)).filter(isUnpaid)) {
    if (row.ending) continue
    const ending = begun(now(), { ...times, graceMs: lastMs }, copies)
    await change(trx, row, endingOf(row, ending), now())
    const why = { action: 'machine.end', reason: `${ending.endsAt}: its subscription is over` }
    await record(trx, { actor: 'system', resource: row.id, ...why }, now())
    await tell(ports, trx, to, to => beginsLetter(to, row.name, ending))
    await wake(trx, row.id)
  }
}
