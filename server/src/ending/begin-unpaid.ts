// The end of machines that nobody paid for in their grace: each with a final backup, which is verified first.

import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { OwnedRow, Tables } from '../db/tables.ts'
import { change } from '../machine/move.ts'
import { begun } from './ending.ts'
import { endingOf } from './hold.ts'
import { beginsLetter, tell } from './letter.ts'
import type { EndingPorts } from './ports.ts'

/** They had their grace: so long there is for the final backup. */
const lastMs = 86_400_000

/** Begins it for each of the machines, which are locked; those that end already do so as they were to. */
export async function beginUnpaid(
  { now, times, copies, wake, mail }: EndingPorts,
  trx: Transaction<Tables>,
  rows: readonly OwnedRow[],
  { to, why }: { to: string | null; why: string },
): Promise<void> {
  for (const row of rows) {
    if (row.ending) continue
    const ending = begun(now(), { ...times, graceMs: lastMs }, copies)
    await change(trx, row, endingOf(row, ending), now())
    const said = { action: 'machine.end', reason: `${ending.endsAt}: ${why}` }
    await record(trx, { actor: 'system', resource: row.id, ...said }, now())
    await tell({ mail }, trx, to, to => beginsLetter(to, row.name, ending))
    await wake(trx, row.id)
  }
}
