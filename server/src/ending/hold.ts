import type { Hold } from '@spoq/contracts/machine'
import type { Ending, MachineChange, MachineRow } from '../db/tables.ts'

/** The change of a row to this ending: held, but while its final backup is being made. Null: it does not end. */
export function endingOf({ holds }: Pick<MachineRow, 'holds'>, ending: Ending | null) {
  const others = holds.filter(hold => hold !== 'ending')
  const held: Hold[] = ending === null || ending.copy === 'making' ? others : [...others, 'ending']
  return {
    ending: ending && JSON.stringify(ending),
    holds: JSON.stringify(held),
    // Whatever was tried before does not count.
    attempts: 0,
    next_attempt_at: null,
  } satisfies MachineChange
}
