// Whether a call may run, waits for a person, or is refused. Deny comes before ask, ask before allow, and the guard
// before all of them.

import type { Effect } from '@spoq/contracts/rule'
import type { Mode } from '@spoq/contracts/session'
import { onlyLooks } from './looks.ts'
import { allows, allowsExactly, concerns, type Subject } from './pattern.ts'
import type { Verdict } from './verdict.ts'

/** What a call does: `look` changes nothing, `edit` changes files of the workspace, `run` may do anything. */
export type Does = 'look' | 'edit' | 'run'

export interface Case {
  does: Does
  subject: Subject
  /** What the guard says of it. */
  verdict: Verdict
  mode: Mode
  /** Whether commands run in a sandbox. */
  isolated: boolean
  /** The rules that hold here: the machine's own, the project's, the session's, and those that came with the question. */
  rules: readonly { effect: Effect; rule: string }[]
  /** `--approve deny`: what would be asked is refused. */
  denies: boolean
}

export type Decision =
  | { do: 'allow' }
  | { do: 'deny'; why: string }
  /** `once`: no rule may be kept for it. */
  | { do: 'ask'; why: string; once: boolean }

/** Decides a call. Pure: the same case is decided the same way. */
export function decide(given: Case): Decision {
  const { does, subject, verdict, mode, rules, denies } = given
  if (verdict.say === 'deny') return { do: 'deny', why: `${verdict.why} That is never allowed.` }
  const denied = rules.find(({ effect, rule }) => effect === 'deny' && concerns(rule, subject))
  if (denied) return { do: 'deny', why: `The rule ${denied.rule} denies it.` }
  if (mode === 'plan' && does !== 'look') return { do: 'deny', why: planning }
  // Whatever would be asked if nothing allowed it: deny comes before allow here as well.
  if (denies && asked({ ...given, rules: rules.filter(({ effect }) => effect !== 'allow') })) return refusing
  const asks = asked(given)
  return asks ?? { do: 'allow' }
}

const planning = 'This is plan mode: nothing is changed. Say what you would do instead.'

const refusing: Decision = { do: 'deny', why: 'The question came with --approve deny.' }

function asked({ does, subject, verdict, mode, isolated, rules }: Case): Extract<Decision, { do: 'ask' }> | null {
  if (verdict.say === 'ask') return { do: 'ask', why: verdict.why, once: true }
  const asking = rules.find(({ effect, rule }) => effect === 'ask' && concerns(rule, subject))
  if (asking) return { do: 'ask', why: `The rule ${asking.rule} asks.`, once: true }
  const allowing = rules.filter(({ effect }) => effect === 'allow').map(({ rule }) => rule)
  const ask = (why: string) => ({ do: 'ask', why, once: false }) as const
  if (verdict.say === 'unclear') return allowing.some(rule => allowsExactly(rule, subject)) ? null : ask(verdict.why)
  if (does === 'look' || allowing.some(rule => allows(rule, subject))) return null
  if (does === 'run' && !isolated) return ask('Nothing isolates commands here.')
  if (mode === 'full' || (mode === 'auto-edit' && does === 'edit')) return null
  if (does === 'run' && subject.kind === 'command' && onlyLooks(subject.text)) return null
  return ask(does === 'edit' ? 'Edits ask in this mode.' : 'Commands ask in this mode.')
}
