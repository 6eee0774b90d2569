import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { EventBody, SessionEvent } from '@spoq/contracts/session'
import { sessionEvent } from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { turnLines } from './turn-lines.ts'
import { turnText } from './turn-text.ts'
import { visible } from './visible.ts'

const session = 'sess_0123456789abcdef'
const usage = { inputTokens: 1234, outputTokens: 56 }

const turn: EventBody[] = [
  { type: 'turn.queued', question: 'what is it?', attachments: [] },
  { type: 'turn.started', model: 'demo' },
  { type: 'text.delta', text: 'I look.' },
  { type: 'tool.call', call: 'c1', tool: 'read', input: {}, title: 'read README.md\u001b[2J' },
  { type: 'tool.result', call: 'c1', output: 'no such\nfile', failed: true },
  { type: 'text.delta', text: 'It is \u001b]0;evil\u0007' },
  { type: 'text.delta', text: 'a project\u009b31m.' },
  { type: 'turn.done', model: 'demo', usage, costMicros: 1200 },
]

const events = turn.map(
  (body, index): SessionEvent => ({
    id: index + 1,
    session,
    turn: 'turn_0123456789abcdef',
    at: '2026-11-21T10:00:00.000Z',
    ...body,
  }),
)

function screen(columns?: number) {
  const stdout = Object.assign(new PassThrough(), { isTTY: columns !== undefined })
  const stderr = Object.assign(new PassThrough(), columns ? { isTTY: true, columns } : {})
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  return { stdout, stderr, out: () => read(stdout), err: () => read(stderr) }
}

test('piped, the answer is plain text on stdout and the doing is on stderr', async () => {
  const shown = screen()
  const view = turnText(shown)
  for (const event of events) view.show(event)
  await view.end()
  expect(shown.out()).toBe('I look.\nIt is ]0;evila project31m.\n')
  expect(shown.err()).toBe('· demo model: scripted, not AI\n· read README.md[2J\n· failed: no such file\n')
})

test('a summary and what was left out of the instructions are a line each', async () => {
  const shown = screen()
  const view = turnText(shown)
  const told: EventBody[] = [
    { type: 'instructions.read', files: [], skills: [], notes: ['AGENTS.md is cut.\u001b[2J'] },
    {
      type: 'context.compacted',
      summary: 'S',
      upTo: 1,
      tokensBefore: 2,
      tokensAfter: 1,
      usage,
      model: 'm',
      costMicros: 1,
    },
  ]
  for (const body of told) view.show({ ...(events[0] as SessionEvent), ...body } as SessionEvent)
  await view.end()
  expect(shown.err()).toBe('· AGENTS.md is cut.[2J\n· earlier turns were summarised\n')
})

test('on a terminal of 40 columns every line fits, and the last ones tell the cost and the session', async () => {
  const shown = screen(40)
  const view = turnText(shown)
  for (const event of events) view.show(event)
  await view.end()
  const lines = shown.err().split('\n')
  expect(lines.map(line => stripVTControlCharacters(line).length).filter(length => length > 40)).toEqual([])
  expect(lines.join('\n')).toContain('1,234 + 56 tokens')
  expect(lines.join('\n')).toContain('$0.0012')
  expect(lines.join('\n')).toContain(session)
})

test('as JSON lines, each is exactly the event, and even there nothing commands a terminal', async () => {
  const shown = screen()
  const view = turnLines(shown)
  for (const event of events) view.show(event)
  await view.end()
  const out = shown.out()
  const lines = out.trimEnd().split('\n')
  expect(lines.map(line => sessionEvent.parse(JSON.parse(line)))).toEqual(events)
  expect(visible(out)).toBe(out)
  expect(shown.err()).toBe('')
})
