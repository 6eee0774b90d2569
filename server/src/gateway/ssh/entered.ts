// What becomes of somebody who knocks: where they are led, or why not.

import type { SshEntry } from '@spoq/contracts/gateway'
import { type ErrorCode, SpoqError } from '@spoq/contracts/problem'
import type { Coming } from './until-there.ts'

export type Entered = SshEntry | { refusal: string }

/** By what somebody asked to come in. */
export interface Asking {
  /** Asks once more, while their machine comes up. */
  again: () => Promise<Entered | Coming | null>
  /** Once they are in, or not. */
  over: () => Promise<void>
}

/** Null for who may not, by this code; else why it cannot be, or not yet. */
export function refusalOf(error: unknown, nobody: ErrorCode): Entered | Coming | null {
  if (error instanceof SpoqError && error.code === nobody) return null
  if (error instanceof SpoqError && error.code === 'machine_away') return { coming: error.message }
  if (error instanceof SpoqError && error.code !== 'internal') return { refusal: `${error.message} ${error.next}` }
  return { refusal: 'The gateway cannot ask who you are just now. Try again in a minute.' }
}
