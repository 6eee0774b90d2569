// For tests: a session's events as a machine would write them, and a chat's state after messages.

import type { EventBody, SessionEvent } from '@spoq/contracts/session'
import type { KeyName } from './keys.ts'
import { type Message, reduce } from './reduce.ts'
import { type State, startState } from './state.ts'
import type { Effect } from './step.ts'

export const session = 'sess_0123456789abcdef0123'
const size = { columns: 80, rows: 24 }

/** A chat that shows the session and has no event yet. */
export function shown(): State {
  const start = startState({ bin: 'spoq', machine: 'box', model: null, mode: null, size, now: 0 })
  return after(start, [{ type: 'opened', session: { id: session, mode: 'ask' }, keep: false }]).state
}

/** The state after messages, a second apart, and all that was to be done. */
export function after(state: State, messages: readonly Message[]): { state: State; effects: Effect[] } {
  const effects: Effect[] = []
  let next = state
  for (const message of messages) {
    const step = reduce(next, message, next.now + 1_000)
    next = step.state
    effects.push(...step.effects)
  }
  return { state: next, effects }
}

/** Events with ids from 1, all of one turn unless a body comes with its own. */
export const log = (bodies: readonly (EventBody & { turn?: string })[]): SessionEvent[] =>
  bodies.map(({ turn = 'turn_1', ...body }, index) => ({
    ...(body as EventBody),
    id: index + 1,
    session,
    turn,
    at: '2026-01-01T00:00:00.000Z',
  }))

export const events = (all: readonly SessionEvent[]): Message[] => all.map(event => ({ type: 'event', event }))

export const press = (...names: KeyName[]): Message[] => names.map(name => ({ type: 'key', key: { name } }))

export const typed = (text: string): Message[] =>
  [...text].map(char => ({ type: 'key', key: { name: 'text', text: char } }))

/** All text of the transcript, the open line included. */
export function transcriptText({ transcript }: State): string {
  const items = transcript.items.slice(0, transcript.length)
  const texts = items.map(item => (item.kind === 'tool' ? `${item.title} ${item.state}` : item.text))
  return [...texts, transcript.open?.text ?? ''].join('\n')
}

export const queued = (question: string, turn = 'turn_1') => ({
  type: 'turn.queued' as const,
  question,
  attachments: [],
  turn,
})
export const started = (turn = 'turn_1') => ({ type: 'turn.started' as const, model: 'm', turn })
export const said = (text: string, turn = 'turn_1') => ({ type: 'text.delta' as const, text, turn })
export const done = (turn = 'turn_1') => ({
  type: 'turn.done' as const,
  model: 'm',
  usage: { inputTokens: 10, outputTokens: 5 },
  costMicros: 1_500,
  turn,
})
export const asksFor = (title: string, more: { rule?: string; diff?: string | null; approval?: string } = {}) => ({
  type: 'approval.requested' as const,
  approval: 'appr_1',
  call: 'call_1',
  tool: 'run',
  title,
  reason: 'No rule allows it.',
  rule: '',
  diff: null,
  ...more,
})
