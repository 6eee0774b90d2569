// What a check of `spoq doctor` is. Each is a file in `check/`; the table in `checks.ts` gives the order.

import type { Target } from '@spoq/client/target'
import type { ConductorStatus } from '@spoq/contracts/status'
import type { Context } from '../context.ts'
import type { Marker } from '../marker.ts'

export interface Finding {
  state: 'ok' | 'warn' | 'fail'
  /** What was found, in one line. */
  says: string
  /** What to do about it. */
  next?: string
}

/** What a check looks at, and what those before it found. */
export interface Look {
  context: Context
  /** The machine that this computer is; then there is no server to ask. */
  here: Marker | null
  /** Really ask the model. */
  asksModel: boolean
  signal: AbortSignal
  found: { serverDate?: number; machine?: Target; status?: ConductorStatus }
}

export interface Check {
  id: string
  /** Checks that must not have failed. */
  needs?: readonly string[]
  /** Longest that it may take, in ms. Default 5,000. */
  limitMs?: number
  /** What it throws is a failure: a SpoqError says what and what to do. */
  run(look: Look): Promise<Finding> | Finding
}

export const ok = (says: string): Finding => ({ state: 'ok', says })
export const warn = (says: string, next: string): Finding => ({ state: 'warn', says, next })
export const fail = (says: string, next: string): Finding => ({ state: 'fail', says, next })
