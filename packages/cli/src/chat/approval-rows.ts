import { spelledOut } from '../render/visible.ts'
import { takesKeys } from './on-key.ts'
import { fit, type Row, span, wrap } from './row.ts'
import type { State } from './state.ts'

/** What is asked of the person, in full, and the keys that answer it; nothing when nothing is asked. */
export function approvalRows(state: State): Row[] {
  const [approval] = state.approvals
  if (!approval) return []
  const { columns, rows } = state.size
  const more = state.approvals.length > 1 ? ` (1 of ${state.approvals.length})` : ''
  const title = spelledOut(approval.title)
    .split('\n')
    .flatMap(line => wrap([span(line, 'bold')], columns))
  const reason = approval.reason === '' ? [] : wrap([span(spelledOut(approval.reason), 'dim')], columns).slice(0, 2)
  const keys = keyRows(state)
  // The input, the status and a line of the transcript stay in sight; the keys go last.
  const room = rows - 5 - keys.length
  const about = room > 6 ? reason : []
  const all = [
    [span(`Allow this?${more}`, 'accent')],
    ...shortened(title, Math.max(1, room - about.length)),
    ...about,
    ...keys,
  ]
  return all.map(row => fit(row, columns))
}

/** A command too long for the screen shows its beginning and its end: what is hidden is said. */
function shortened(rows: Row[], most: number): Row[] {
  if (rows.length <= most) return rows
  if (most < 3) return [...rows.slice(0, most - 1), [span('… PageUp shows it all', 'bad')]]
  const kept = Math.floor((most - 1) / 2)
  const hidden = rows.length - 2 * kept
  return [...rows.slice(0, kept), [span(`… ${hidden} lines, PageUp shows them …`, 'bad')], ...rows.slice(-kept)]
}

function keyRows(state: State): Row[] {
  const { columns } = state.size
  const approval = takesKeys(state)
  if (!approval) return wrap([span('Send or delete (Ctrl-U) what you write, then answer.', 'dim')], columns)
  if (approval.answering) return [[span('Answering …', 'dim')]]
  const keys =
    approval.rule === '' ? '[y] once · [n] deny' : '[y] once · [s] session · [p] project · [a] always · [n] deny'
  const rule = approval.rule === '' ? [] : wrap([span(`s, p and a allow ${spelledOut(approval.rule)}`, 'dim')], columns)
  return [...rule.slice(0, 2), ...wrap([span(keys, 'accent')], columns)]
}
