import { spelledOut } from '../render/visible.ts'
import { count, dollars } from './on-event.ts'
import { cells, fit, type Row, span } from './row.ts'
import type { State } from './state.ts'

/** The last line: what happens, the machine, the model, the mode, and what was spent. On a narrow screen the first of it. */
export function statusRow(state: State): Row {
  const { size, machine, model, answeredBy, mode, spent } = state
  const tokens = spent.inputTokens + spent.outputTokens
  const parts = [
    machine,
    mode,
    // Without its vendor: there is little room.
    (model ?? answeredBy ?? '').replace(/^[^/]+\//, ''),
    tokens === 0 ? '' : `${count(tokens)} tokens`,
    spent.costMicros === 0 ? '' : dollars(spent.costMicros),
  ].filter(part => part !== '')
  const [text, style] = activity(state)
  const about = parts.map(spelledOut).reduce((line, part) => {
    const longer = line === '' ? part : `${line} · ${part}`
    return cells(longer) + cells(text) + 3 <= size.columns ? longer : line
  }, '')
  return fit([span(text, style), span(about === '' ? '' : ` · ${about}`, 'dim')], size.columns)
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

function activity({ connection, trouble, turn, approvals, stopping, queued, sending, now }: State) {
  if (connection === 'away') return [`reconnecting ${trouble}`.trim(), 'bad'] as const
  if (connection === 'lost') return ['not connected', 'bad'] as const
  if (stopping) return ['stopping', 'accent'] as const
  if (approvals.length > 0) return ['waits for you', 'accent'] as const
  const frame = frames[Math.floor(now / 100) % frames.length]
  if (turn) return [`${frame} working ${Math.max(0, Math.floor((now - turn.since) / 1000))}s`, 'accent'] as const
  if (queued.length + sending.length > 0) return [`${frame} sending`, 'accent'] as const
  return ['ready', 'good'] as const
}
