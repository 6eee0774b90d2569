// Which of the machines that are made ahead stay, and how many more are made. Pure.

import type { MachineRow } from '../db/tables.ts'
import { warmStage } from '../machine/unclaimed.ts'
import type { Limits } from './ports.ts'

/** What one that is made now is. */
export interface Current extends Pick<MachineRow, 'region' | 'size'> {
  form: string
  madeAfter: Date
}

export interface Choice {
  end: { row: MachineRow; reason: string }[]
  /** How many more are made. */
  make: number
}

/** How long one that failed keeps its place: what makes machines fail is seldom over at once. */
const failedMs = 300_000

/**
 * How many there are to be: as many as were asked for lately, so that the next ones find theirs, within the limits.
 * @param asked how many were asked for in the last minute
 */
export const target = ({ min, max }: Limits, asked: number): number => Math.min(max, Math.max(min, asked))

/**
 * @param rows all that are nobody's, oldest first
 * @param unhealthy the ids of those that were looked at and do not answer
 */
export function choose(
  rows: readonly MachineRow[],
  wanted: number,
  current: Current,
  unhealthy: ReadonlySet<string>,
  now: number,
): Choice {
  const end = rows.flatMap(row => {
    const reason = unhealthy.has(row.id) ? 'it does not answer' : unfit(row, current, now)
    return reason === null ? [] : [{ row, reason }]
  })
  const ended = new Set(end.map(({ row }) => row))
  const kept = rows.filter(row => !ended.has(row))
  // Those in the making first: nothing is lost with them.
  const surplus = kept
    .toSorted((a, b) => Number(isWarm(a)) - Number(isWarm(b)))
    .slice(0, Math.max(0, kept.length - wanted))
  return {
    end: [...end, ...surplus.map(row => ({ row, reason: 'there are enough' }))],
    make: Math.max(0, wanted - kept.length),
  }
}

const isWarm = ({ stage }: MachineRow) => stage === warmStage

function unfit(row: MachineRow, { form, madeAfter, region, size }: Current, now: number): string | null {
  if (row.pool_form !== form || row.region !== region || row.size !== size) return 'machines are made otherwise now'
  if (row.created_at <= madeAfter) return 'it is too old'
  return row.state === 'failed' && row.updated_at.getTime() <= now - failedMs ? 'it failed' : null
}
