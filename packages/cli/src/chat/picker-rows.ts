import type { Session } from '@spoq/contracts/session'
import { spelledOut } from '../render/visible.ts'
import { fit, type Row, span } from './row.ts'
import type { State } from './state.ts'

/** The list of sessions, the chosen one in sight. */
export function pickerRows({ sessions, chosen }: NonNullable<State['picker']>, width: number, room: number): Row[] {
  const title = fit([span('Sessions', 'heading'), span(' · Enter opens · Esc goes back', 'dim')], width)
  const most = Math.max(1, room - 1)
  const first = Math.max(0, Math.min(chosen - Math.floor(most / 2), sessions.length - most))
  const lines = sessions
    .slice(first, first + most)
    .map((session, index) => line(session, first + index === chosen, width))
  return [title, ...lines].slice(0, room)
}

function line({ title, state, updatedAt }: Session, isChosen: boolean, width: number): Row {
  const what = state === 'idle' ? updatedAt.slice(0, 16).replace('T', ' ') : state
  return fit([span(`${isChosen ? '›' : ' '} ${what}  ${spelledOut(title)}`, isChosen ? 'chosen' : 'plain')], width)
}
