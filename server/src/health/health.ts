// What looks at a machine's health mean. Pure: every rule is here.

import type { Health } from '../db/tables.ts'

/** `ours`: nothing was asked, as our own network or DNS does not work. */
export type Outcome = { kind: 'ok' } | { kind: 'failed' | 'ours'; reason: string }

/** What is kept of a machine between two looks, in memory alone. */
export type Failures = number

/** A machine is unhealthy after so many failures in a row. */
const enough = 3
/** Where it may be us who fail, so much of one: it takes five minutes. */
const doubtful = 0.3
/** A machine that was healthy for so long has all its restarts again, in ms. */
const steadyMs = 600_000
/** The owner is told after it was unhealthy for so long, in ms. */
const tellAfterMs = 600_000
const mostRestarts = 5

/** How many failures in a row these are; `blind`: so many machines fail at once that it is likely us. */
export const counted = (before: Failures, outcome: Outcome, blind: boolean): Failures =>
  outcome.kind === 'ok' ? 0 : before + (blind || outcome.kind === 'ours' ? doubtful : 1)

/** Whether it is likely us: many machines that were well fail at once, and few others do not. */
export function isBlind(looks: readonly { wasWell: boolean; outcome: Outcome }[]): boolean {
  const well = looks.filter(({ wasWell }) => wasWell)
  const failing = well.filter(({ outcome }) => outcome.kind !== 'ok')
  return failing.length >= 3 && failing.length * 2 > well.length
}

/** The health of a machine after a look; the same object when nothing changed. */
export function after(before: Health | null, outcome: Outcome, failures: Failures, now: number): Health | null {
  const since = new Date(now).toISOString()
  if (outcome.kind === 'ok') {
    if (before?.state === 'healthy') return before
    return { state: 'healthy', since, reason: null, told: false, restarts: before?.restarts ?? 0, restartAt: null }
  }
  if (failures < enough || before?.state === 'unhealthy') return before
  const wasSteady = before === null || now - Date.parse(before.since) >= steadyMs
  const restarts = wasSteady ? 0 : before.restarts
  return { state: 'unhealthy', since, reason: outcome.reason, told: false, restarts, restartAt: since }
}

/** Whether it is time to restart it. */
export const isRestartDue = ({ state, restarts, restartAt }: Health, now: number): boolean =>
  state === 'unhealthy' && restarts < mostRestarts && restartAt !== null && now >= Date.parse(restartAt)

/** After a restart: the next one is not before twice the pause. */
export const restarted = (health: Health, now: number): Health => ({
  ...health,
  restarts: health.restarts + 1,
  restartAt: new Date(now + 120_000 * 2 ** health.restarts).toISOString(),
})

/** Whether the owner is to be told now. */
export const isTellDue = ({ state, since, told }: Health, now: number): boolean =>
  state === 'unhealthy' && !told && now - Date.parse(since) >= tellAfterMs
