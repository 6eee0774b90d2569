// How runs look on a terminal.

import type { Run } from '@spoq/contracts/run'
import { quotedIfNeeded } from '@spoq/kit/shell-word'
import { ago, styled, table } from '../output.ts'
import { cut, oneLine } from '../render/visible.ts'
import { shortIds } from '../short-id.ts'

/** A line a run. @param columns of the terminal; undefined where nothing is cut. */
export function runTable(runs: readonly Run[], now: number, columns: number | undefined): string {
  const ids = shortIds(
    runs.map(({ id }) => id),
    10,
  )
  const rows = runs.map(run => {
    const words = run.command.map(quotedIfNeeded).join(' ')
    const shown = columns === undefined ? oneLine(words) : cut(words, Math.max(12, columns - 40))
    return [ids.get(run.id) ?? run.id, status(run), ago(run.startedAt, now), shown]
  })
  return table(['ID', 'STATUS', 'STARTED', 'COMMAND'], rows)
}

function status({ state, status, signal }: Run): string {
  if (state === 'running') return styled('green', 'running')
  if (state === 'lost') return styled('yellow', 'lost')
  return status === 0 ? 'done' : styled('red', status === null ? String(signal) : `exit ${status}`)
}

/** As a person could type it. */
