// What is next of a machine that is in the grace before its end. Pure: every rule of the grace is here.

import type { BackupState } from '@spoq/contracts/backup'
import type { Ending } from '../db/tables.ts'

export type Move =
  | { kind: 'none' }
  /** It runs: its final backup is asked for. */
  | { kind: 'copy' }
  /** The backup is stored: it is read to its end, and then the machine is held. */
  | { kind: 'verify'; backup: string }
  /** There is no final backup yet: the machine is held, until it is tried again. */
  | { kind: 'failed'; reason: string }
  | { kind: 'again' }
  /** Its time is over, and there is no final backup: it gets some more, once. */
  | { kind: 'extend' }
  /** `kept`: with its final backup, or nothing was to be kept. */
  | { kind: 'over'; kept: boolean }

/** What is known of the machine beside its ending. */
export interface Seen {
  /** It runs and can be reached. */
  running: boolean
  /** The state of its final backup; null: there is none. */
  backup: BackupState | null
  /** Why that failed. */
  reason: string | null
}

/** All in ms. */
export interface EndingTimes {
  /** From the wish to the end. */
  graceMs: number
  /** How soon a machine has to run for its final backup. */
  runWithinMs: number
  /** The pause between two final backups. */
  againMs: number
  /** How much longer a machine without its final backup is kept. */
  extensionMs: number
}

/** The times of a grace of so many days. */
export const timesOf = (days: number): EndingTimes => ({
  graceMs: days * 86_400_000,
  runWithinMs: 1_800_000,
  againMs: 6 * 3_600_000,
  extensionMs: 7 * 86_400_000,
})

/** The next move; `now` in ms. */
export function next(ending: Ending, seen: Seen, now: number): Move {
  const over = now >= Date.parse(ending.endsAt)
  if (ending.copy === 'none') return over ? { kind: 'over', kept: true } : { kind: 'none' }
  if (ending.copy === 'ready' && seen.backup === 'ready') return over ? { kind: 'over', kept: true } : { kind: 'none' }
  if (ending.copy === 'making' && ending.backup !== null && seen.backup === 'ready')
    return { kind: 'verify', backup: ending.backup }
  if (over) return ending.extended ? { kind: 'over', kept: false } : { kind: 'extend' }
  if (ending.copy === 'ready') return { kind: 'failed', reason: 'The final backup was removed.' }
  const late = ending.nextAt === null || now >= Date.parse(ending.nextAt)
  if (ending.copy === 'failed') return late ? { kind: 'again' } : { kind: 'none' }
  if (ending.backup !== null) return made(seen)
  if (seen.running) return { kind: 'copy' }
  return late
    ? { kind: 'failed', reason: 'The machine did not run, so that nothing could be copied.' }
    : { kind: 'none' }
}

const made = ({ backup, reason }: Seen): Move =>
  backup === 'waiting' || backup === 'making'
    ? { kind: 'none' }
    : { kind: 'failed', reason: reason ?? 'The final backup was removed before it was made.' }

/** A grace that begins now. */
export const begun = (now: number, { graceMs, runWithinMs }: EndingTimes, copies: boolean): Ending => ({
  endsAt: new Date(now + graceMs).toISOString(),
  copy: copies ? 'making' : 'none',
  backup: null,
  nextAt: copies ? new Date(now + runWithinMs).toISOString() : null,
  extended: false,
  reason: null,
  told: false,
})
