import { SpoqError } from '@spoq/contracts/problem'
import type { Undone } from '@spoq/contracts/session'
import type { Sessions } from './sessions.ts'

interface Wanted {
  session: string
  /** Default: the last turn that edited something. */
  turn?: string | undefined
  by: string
}

/**
 * Takes back a turn's own edits. Repeating it changes nothing more, and finishes what a crash cut off.
 * @throws SpoqError `session_not_found`, `nothing_to_undo`, `turn_open`, `disk_full`.
 */
export async function undo(
  { store, checkpoints }: Sessions,
  { session, turn: wanted, by }: Wanted,
): Promise<Undone & { turn: string }> {
  store.get(session)
  const turn = wanted ?? checkpoints.lastTurn(session)
  if (turn === null) throw new SpoqError('nothing_to_undo')
  if (store.openTurns(session).some(open => open.turn === turn)) throw new SpoqError('turn_open')
  const undone = await checkpoints.undo(session, turn)
  if (!undone) throw new SpoqError('nothing_to_undo', { message: `The turn ${turn} edited nothing.` })
  const isNews = undone.done.some(({ change }) => change !== 'unchanged')
  const wasTold = store.events(session).some(event => event.turn === turn && event.body.type === 'edits.undone')
  if (isNews || !wasTold) store.append(session, turn, [{ type: 'edits.undone', by, ...undone }])
  return { turn, ...undone }
}
