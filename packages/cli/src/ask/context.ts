import type { Target } from '@spoq/client/target'
import type { Decision, Scope } from '@spoq/contracts/session'
import type { Interrupts } from '../render/interrupts.ts'
import type { TurnView } from '../render/view.ts'

/** What a person decides on. */
export interface ApprovalRequest {
  title: string
  reason: string
  /** What an edit would change; null where there is none to show. */
  diff: string | null
  /** What is kept for longer than once; empty when nothing can be. */
  rule: string
}

export interface Answer {
  decision: Decision
  scope?: Scope
}

/** Asks the person. `signal` ends the question when it was answered on another device. */
export type Decide = (request: ApprovalRequest, signal: AbortSignal) => Promise<Answer>

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
