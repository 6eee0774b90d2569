import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TurnBody, TurnEvent } from './event.ts'
import { callsOf, messagesOf } from './messages.ts'

const queued = (question: string, more: object = {}): TurnBody => ({
  type: 'turn.queued',
  question,
  attachments: [],
  model: null,
  client: null,
  approve: [],
  mode: 'ask',
  ...more,
})
const started: TurnBody = { type: 'turn.started', model: 'm' }
const delta = (text: string): TurnBody => ({ type: 'text.delta', text })
const usage = { inputTokens: 0, outputTokens: 0 }
const said = (text: string, ...calls: string[]): TurnBody => ({
  type: 'step.done',
  usage,
  messages: [
    {
      role: 'assistant',
      content: [
        { type: 'text', text },
        ...calls.map(id => ({ type: 'tool-call' as const, toolCallId: id, toolName: 'run', input: { of: id } })),
      ],
    },
  ],
})
const result = (call: string, output: string, failed = false): TurnBody => ({
  type: 'tool.result',
  call,
  output,
  failed,
})

function events(...of: [turn: string, body: TurnBody][]): TurnEvent[] {
  return of.map(([turn, body], index) => ({ id: index + 1, at: '', turn, body }))
}

test('a question comes with the text of what was attached', () => {
  const attachments = [
    { name: 'a.ts', text: 'one\ntwo', lines: [3, 4] },
    { name: 'stdin', text: 'piped' },
  ]
  expect(messagesOf(events(['1', queued('why?', { attachments })], ['1', started]))).toEqual([
    {
      role: 'user',
      content:
        'why?\n\n<attachment name="a.ts" lines="3-4">\none\ntwo\n</attachment>\n\n<attachment name="stdin">\npiped\n</attachment>',
    },
  ])
})

test('each step is followed by the results of its calls, whatever came between', () => {
  const messages = messagesOf(
    events(
      ['1', queued('q')],
      ['1', started],
      ['1', delta('let me see')],
      ['1', said('let me see', 'a', 'b')],
      ['1', result('b', 'no', true)],
      ['2', queued('later')],
      ['1', result('a', 'yes')],
      ['1', delta('done')],
      ['1', said('done')],
    ),
  )
  expect(messages).toEqual([
    { role: 'user', content: 'q' },
    (said('let me see', 'a', 'b') as { messages: object[] }).messages[0],
    {
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId: 'a', toolName: 'run', output: { type: 'text', value: 'yes' } },
        { type: 'tool-result', toolCallId: 'b', toolName: 'run', output: { type: 'error-text', value: 'no' } },
      ],
    },
    (said('done') as { messages: object[] }).messages[0],
  ])
})

test('a broken turn keeps what was answered, and its unfinished call says that it never ran', () => {
  const messages = messagesOf(
    events(
      ['1', queued('q')],
      ['1', started],
      ['1', said('step', 'a')],
      ['1', delta('half an ')],
      ['1', delta('answer')],
      ['1', { type: 'turn.error', code: 'model_cut', message: '', next: '' }],
      ['2', queued('go on')],
      ['2', started],
    ),
  )
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user'])
  expect(JSON.stringify(messages[2])).toContain('The turn ended before this ran.')
  expect(messages[3]).toEqual({ role: 'assistant', content: 'half an answer' })
})

test('a turn that never started is not part of the conversation', () => {
  expect(messagesOf(events(['1', queued('q')], ['1', { type: 'turn.aborted', by: 'alice' }]))).toEqual([])
})

// Catches: results put after the next step's message, a result given to the wrong call, one left out because the turn
// ended before it, and turns mixed up because their events interleave.
test('whatever happened, each call is followed at once by exactly its own result', () => {
  const turn = fc.array(fc.record({ calls: fc.nat(3), answered: fc.nat(3), partial: fc.boolean() }), { maxLength: 4 })
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 3 }), fc.infiniteStream(fc.nat(9)), (turns, picks) => {
      const queues = turns.map((steps, t): [string, TurnBody][] => [
        [`${t}`, queued(`question ${t}`)],
        [`${t}`, started],
        ...steps.flatMap(({ calls, answered, partial }, s): [string, TurnBody][] => {
          const ids = Array.from({ length: calls }, (_, c) => `${t}.${s}.${c}`)
          const results = ids.slice(0, answered).map((id): [string, TurnBody] => [`${t}`, result(id, `of ${id}`)])
          return [
            [`${t}`, said('x', ...ids)],
            ...results,
            ...(partial ? [[`${t}`, delta('y')] as [string, TurnBody]] : []),
          ]
        }),
      ])
      const mixed: [string, TurnBody][] = []
      const firsts = queues.map(queue => queue.shift() as [string, TurnBody])
      mixed.push(...firsts)
      while (queues.some(queue => queue.length > 0)) {
        const left = queues.filter(queue => queue.length > 0)
        mixed.push(left[(picks.next().value ?? 0) % left.length]?.shift() as [string, TurnBody])
      }
      const messages = messagesOf(events(...mixed))
      expect(messages.filter(({ role }) => role === 'user').map(({ content }) => content)).toEqual(
        turns.map((_, t) => `question ${t}`),
      )
      messages.forEach((message, index) => {
        const calls = callsOf(message).map(({ toolCallId }) => toolCallId)
        const after = messages[index + 1]
        const results = after?.role === 'tool' ? after.content.map(part => 'toolCallId' in part && part.toolCallId) : []
        if (message.role !== 'tool') expect(results).toEqual(calls)
      })
    }),
  )
})
