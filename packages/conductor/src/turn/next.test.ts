import { expect, test } from 'vitest'
import type { TurnBody, TurnEvent } from './event.ts'
import { maxSteps, next } from './next.ts'

const queued: TurnBody = {
  type: 'turn.queued',
  question: 'q',
  attachments: [],
  model: null,
  client: null,
  approve: [],
  mode: 'ask',
}
const started: TurnBody = { type: 'turn.started', model: 'm' }
const stepDone: TurnBody = { type: 'step.done', messages: [], usage: { inputTokens: 1, outputTokens: 2 } }
const call = (id: string) => ({ type: 'tool.call', call: id, tool: 'run', input: {}, title: id }) as const
const result = (id: string): TurnBody => ({ type: 'tool.result', call: id, output: '', failed: false })
const requested = (id: string): TurnBody => ({
  type: 'approval.requested',
  approval: `for ${id}`,
  call: id,
  title: id,
  reason: '',
  tool: 'run',
  diff: null,
  rule: '',
})
const answered = (id: string, decision: 'allow' | 'deny'): TurnBody => ({
  type: 'approval.answered',
  approval: `for ${id}`,
  decision,
  by: 'alice',
})
const events = (...bodies: TurnBody[]): TurnEvent[] =>
  bodies.map((body, index) => ({ id: index + 1, at: '', turn: 't', body }))
const asked = [queued, started, call('a'), call('b'), stepDone]

test.each<[string, TurnBody[], object]>([
  ['a queued turn starts', [queued], { do: 'start' }],
  ['a started turn calls the model', [queued, started], { do: 'step' }],
  ['text alone decides nothing', [queued, started, { type: 'text.delta', text: 'x' }], { do: 'step' }],
  [
    'an answer without calls finishes it',
    [queued, started, stepDone],
    { do: 'finish', usage: { inputTokens: 1, outputTokens: 2 } },
  ],
  ['its first call is decided', asked, { do: 'decide', call: call('a') }],
  ['the second waits for the first', [...asked, requested('a')], { do: 'wait' }],
  [
    'then it is decided',
    [...asked, requested('a'), answered('a', 'allow'), result('a')],
    { do: 'decide', call: call('b') },
  ],
  ['it waits when all that is left waits', [...asked, requested('a'), result('b')], { do: 'wait' }],
  [
    'an allowed call runs',
    [...asked, requested('a'), requested('b'), answered('b', 'allow')],
    { do: 'run', call: call('b') },
  ],
  [
    'a denied one is refused',
    [...asked, requested('a'), answered('a', 'deny')],
    { do: 'refuse', call: call('a'), by: 'alice' },
  ],
  [
    'an allowed call that has run does not run again',
    [...asked, requested('a'), answered('a', 'allow'), result('a'), result('b')],
    { do: 'step' },
  ],
  ['the results of a step lead to the next', [...asked, result('a'), result('b')], { do: 'step' }],
  [
    'usage is that of all steps',
    [...asked, result('a'), result('b'), stepDone],
    { do: 'finish', usage: { inputTokens: 2, outputTokens: 4 } },
  ],
  ['an end is an end', [...asked, { type: 'turn.aborted', by: 'alice' }], { do: 'nothing' }],
])('%s', (_, bodies, expected) => expect(next(events(...bodies))).toEqual(expected))

test('a turn that goes on calling tools ends at the limit', () => {
  const step = (n: number) => [call(`${n}`), stepDone, result(`${n}`)]
  const steps = (count: number) => Array.from({ length: count }, (_, n) => step(n)).flat()
  expect(next(events(queued, started, ...steps(maxSteps - 1)))).toEqual({ do: 'step' })
  expect(next(events(queued, started, ...steps(maxSteps)))).toEqual({ do: 'limit' })
})
