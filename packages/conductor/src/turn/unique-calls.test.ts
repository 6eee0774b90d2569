import type { ModelMessage } from 'ai'
import { expect, test } from 'vitest'
import { callsOf } from './messages.ts'
import { uniqueCalls } from './unique-calls.ts'

const message = (...ids: string[]): ModelMessage => ({
  role: 'assistant',
  content: ids.map(toolCallId => ({ type: 'tool-call', toolCallId, toolName: 'run', input: {} })),
})

test('a call keeps its id unless it is taken, before or in the same answer', () => {
  let count = 0
  const unique = uniqueCalls([message('a', 'b', 'b')], new Set(['a']), kind => `${kind}_${count++}`)
  expect(unique.flatMap(callsOf).map(({ toolCallId }) => toolCallId)).toEqual(['call_0', 'b', 'call_1'])
})
