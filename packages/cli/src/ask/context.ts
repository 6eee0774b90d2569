import type { Target } from '@spoq/client/target'
import type { Interrupts } from '../render/interrupts.ts'
import type { TurnView } from '../render/view.ts'

export type Decision = 'allow' | 'deny'

/** Asks the person. `signal` ends the question when it was answered on another device. */
export type Decide = (request: { title: string; reason: string }, signal: AbortSignal) => Promise<Decision>

/** How the following of a turn ends before the turn does. */
export interface Leaving {
  /** Aborted with the reason. */
  signal: AbortSignal
  leave: (reason: unknown) => void
}

/** What every way of following a turn needs. */
export interface TurnContext {
  target: Target
  view: TurnView
  /** Null without a terminal: a turn that needs an approval then throws `approval_needed`. */
  decide: Decide | null
  interrupts: Interrupts
  /** The command that comes back to a session: `spoq ask --session sess_…`. */
  comeBack: (session: string) => string
}
