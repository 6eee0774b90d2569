// What a turn does next, from its events alone: the same answer before and after a restart.

import type { Usage } from '@spoq/contracts/session'
import type { Shown, TurnEvent } from './event.ts'

/** Model calls that one turn may take. */
export const maxSteps = 50

export type ToolCall = Shown<'tool.call'>

export type Next =
  /** Nothing of it has run yet. */
  | { do: 'start' }
  /** Call the model. */
  | { do: 'step' }
  /** Nobody has decided yet whether this call may run. */
  | { do: 'decide'; call: ToolCall }
  /** A person allowed it. */
  | { do: 'run'; call: ToolCall }
  /** A person denied it. */
  | { do: 'refuse'; call: ToolCall; by: string }
  /** All that is left waits for a person. */
  | { do: 'wait' }
  | { do: 'finish'; usage: Usage }
  /** The steps are used up. */
  | { do: 'limit' }
  /** It has ended. */
  | { do: 'nothing' }

/** Says what comes next in the turn that wrote these events; they are all of its events, in their order. */
export function next(events: readonly TurnEvent[]): Next {
  const turn = read(events)
  if (turn.ended) return { do: 'nothing' }
  if (!turn.started) return { do: 'start' }
  const open = turn.calls.filter(({ call }) => !turn.results.has(call))
  let waits = false
  for (const call of open) {
    const approval = turn.approvals.get(call.call)
    // In their order: a test that comes after an edit shall not run before it, and an answer may decide the next call too.
    if (!approval) return waits ? { do: 'wait' } : { do: 'decide', call }
    const answer = turn.answers.get(approval)
    if (answer?.decision === 'allow') return { do: 'run', call }
    if (answer) return { do: 'refuse', call, by: answer.by }
    waits = true
  }
  if (open.length > 0) return { do: 'wait' }
  if (turn.steps > 0 && !turn.lastStepCalled) return { do: 'finish', usage: turn.usage }
  return turn.steps < maxSteps ? { do: 'step' } : { do: 'limit' }
}

interface Read {
  started: boolean
  ended: boolean
  steps: number
  /** Whether the last model call asked for tools; their results are what the next one is for. */
  lastStepCalled: boolean
  usage: Usage
  calls: ToolCall[]
  results: Set<string>
  /** The approval of each call that has one. */
  approvals: Map<string, string>
  answers: Map<string, Shown<'approval.answered'>>
}

function read(events: readonly TurnEvent[]): Read {
  const turn: Read = {
    started: false,
    ended: false,
    steps: 0,
    lastStepCalled: false,
    usage: { inputTokens: 0, outputTokens: 0 },
    calls: [],
    results: new Set(),
    approvals: new Map(),
    answers: new Map(),
  }
  let callsBefore = 0
  for (const { body } of events) {
    if (body.type === 'turn.started') turn.started = true
    else if (body.type === 'tool.call') turn.calls.push(body)
    else if (body.type === 'tool.result') turn.results.add(body.call)
    else if (body.type === 'approval.requested') turn.approvals.set(body.call, body.approval)
    else if (body.type === 'approval.answered') turn.answers.set(body.approval, body)
    // What a summary used belongs to the turn that needed it.
    else if (body.type === 'context.compacted') turn.usage = add(turn.usage, body.usage)
    else if (body.type === 'step.done') {
      turn.steps += 1
      turn.usage = add(turn.usage, body.usage)
      turn.lastStepCalled = turn.calls.length > callsBefore
      callsBefore = turn.calls.length
    } else if (body.type === 'turn.done' || body.type === 'turn.error' || body.type === 'turn.aborted')
      turn.ended = true
  }
  return turn
}

const add = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
})
