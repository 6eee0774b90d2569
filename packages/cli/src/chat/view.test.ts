import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeyName } from './keys.ts'
import { painterOf } from './painter.ts'
import type { Message } from './reduce.ts'
import { cells, rowCells } from './row.ts'
import type { Size } from './state.ts'
import { after, asksFor, done, events, log, press, queued, said, shown, started, typed } from './testing.ts'
import { view } from './view.ts'

/** What commands a terminal: C0, DEL, C1. */
const isControl = (char: string) => /\p{Cc}/u.test(char)

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '\x1b[2J\x1b]0;title\x07',
    '\x9b31mred',
    '\x1b]52;c;aGk=\x07',
    '日本語日本語日本語日本語日本語',
    '👩‍👩‍👧‍👦👍🏽🇫🇷é',
    'a\u202eb\u200bc',
    '\r\n\t|\ttab',
    '# heading **bold** `code` [label](https://example.org)',
    '```js\nlet a = 1\n```\n- list **x**\n1. one\n> quote',
    'x'.repeat(300),
  ),
)

const bodies = fc.array(
  fc.oneof(
    hostile.map(text => [said(text)]),
    hostile.map(title => [{ type: 'tool.call' as const, call: 'c', tool: 't', input: {}, title }]),
    hostile.map(output => [{ type: 'tool.result' as const, call: 'c', output, failed: true }]),
    fc.tuple(hostile, hostile).map(([title, diff]) => [asksFor(title, { diff, rule: title })]),
    hostile.map(message => [{ type: 'turn.error' as const, code: 'internal' as const, message, next: message }]),
    hostile.map(question => [queued(question, 'later')]),
  ),
  { maxLength: 10 },
)

const names: KeyName[] = [
  'left',
  'right',
  'up',
  'down',
  'wordLeft',
  'home',
  'end',
  'newline',
  'pageUp',
  'lineDown',
  'top',
]
const keys = fc.array(
  fc.oneof(
    fc.constantFrom(...names).map(name => press(name)),
    hostile.map((text): Message[] => [{ type: 'paste', text: text.replace(/\p{Cc}/gu, '\n') }]),
  ),
  { maxLength: 6 },
)
const sizes = fc.record({ columns: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 40 }) })

// Without the sanitizing in row.ts an escape gets out; without `wrap` a row is wider than the terminal.
test('whatever comes: as many rows as the screen has, none wider, the cursor within, and no control character', () => {
  fc.assert(
    fc.property(bodies, keys, sizes, (said, pressed, size) => {
      const messages = [...events(log([queued('?'), started(), ...said.flat()])), ...pressed.flat()]
      const { state } = after(shown(), [{ type: 'size', size }, ...messages])
      const { rows, cursor } = view(state)
      expect(rows).toHaveLength(size.rows)
      for (const row of rows) {
        expect(rowCells(row)).toBeLessThanOrEqual(size.columns)
        expect(row.flatMap(({ text }) => [...text]).filter(isControl)).toEqual([])
      }
      if (cursor) {
        expect(cursor.row).toBeGreaterThanOrEqual(0)
        expect(cursor.row).toBeLessThan(size.rows)
        expect(cursor.column).toBeLessThan(size.columns)
      }
    }),
    { numRuns: 300 },
  )
})

test('characters are as wide as terminals show them', () => {
  expect(['abc', '日本', '👍', '👩‍👩‍👧', 'e\u0301', '🇫🇷', '\u200b', '…'].map(cells)).toEqual([3, 4, 2, 2, 1, 2, 0, 1])
})

const lines = (size: Size, messages: readonly Message[]) =>
  view(after(shown(), [{ type: 'size', size }, ...messages]).state).rows.map(row =>
    row.map(({ text }) => text).join(''),
  )

test('an answer reads well: headings, lists, bold, code, and links that say where they lead', () => {
  const answer = '# Title\n- a **bold** word\n```sh\nls\n```\nSee [here](https://example.org).'
  const screen = lines({ columns: 60, rows: 20 }, events(log([queued('?'), started(), said(answer)])))
  expect(screen.slice(0, 20).filter(line => line !== '')).toEqual([
    '› ?',
    'Title',
    '• a bold word',
    '```sh',
    '  ls',
    '```',
    'See here (https://example.org).',
    '─'.repeat(60),
    '› Ask anything; /help',
    expect.stringContaining('working'),
  ])
})

test('an approval shows the whole command, the diff, what keys do; a character that hides is written out', () => {
  const command = `rm -r ${'a-long-word '.repeat(12)}--last`
  const diff = '--- a\n+++ b\n-old\n+new\u202e'
  const all = log([queued('?'), started(), asksFor(command, { diff, rule: 'run(rm *)' })])
  const screen = lines({ columns: 40, rows: 20 }, events(all)).join('\n')
  expect(screen.replace(/\n/g, ' ')).toContain('--last')
  expect(screen).toContain('+new<U+202E>')
  expect(screen).toContain('[y] once')
  expect(screen).toContain('run(rm *)')
})

test('who looks back keeps the place while more is written, and comes back to the end', () => {
  const size = { columns: 40, rows: 12 }
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('')
  const all = log([queued('?'), started(), said(numbered(0, 50)), said(numbered(50, 90)), done()])
  const first = lines(size, [...events(all.slice(0, 3)), ...press('pageUp')])
  const later = lines(size, [...events(all.slice(0, 3)), ...press('pageUp'), ...events(all.slice(3))])
  expect(later.slice(0, 8)).toEqual(first.slice(0, 8))
  expect(first.join('\n')).not.toContain('line 49')
  const end = lines(size, [...events(all), ...press('pageUp', 'pageUp', 'pageDown', 'pageDown', 'pageDown')])
  expect(end.join('\n')).toContain('line 89')
  expect(lines(size, [...events(all), ...press('top')])).toContain('› ?')
})

test('of a long text being written the part around the cursor is shown', () => {
  const text = Array.from({ length: 40 }, (_, index) => `row ${index}`).join('\n')
  const screen = (...names: KeyName[]) =>
    lines({ columns: 40, rows: 12 }, [{ type: 'paste', text }, ...press(...names)])
  expect(screen().join('\n')).toContain('row 39')
  expect(screen(...Array.from({ length: 39 }, () => 'up' as const)).join('\n')).toContain('› row 0')
})

const erased = (painted: string) => painted.split('\x1b[2K').length - 1

test('only rows that changed are painted; nothing when nothing did; no colour where none is wanted', () => {
  const size = { columns: 40, rows: 10 }
  const before = after(shown(), [{ type: 'size', size }]).state
  const painter = painterOf(1)
  expect(erased(painter.paint(view(before)))).toBe(10)
  expect(painter.paint(view(before))).toBe('')
  const changed = painter.paint(view(after(before, typed('x')).state))
  expect(erased(changed)).toBe(1)
  expect(stripVTControlCharacters(changed)).toBe('› x')
  expect(painterOf(0).paint(view(before))).not.toMatch(/\[[\d;]*m/)
  expect(painterOf(1).paint(view(before))).toMatch(/\[[\d;]*m/)
})

// A frame of the 10,000th token costs what one of the 1,000th does: whole lines are put away, and only a screen is looked at.
test('10,000 tokens: each is taken in and shown at a cost that does not grow with what is there already', () => {
  const token = (index: number) => (index % 40 === 39 ? 'word\n' : 'word ')
  let state = after(shown(), events(log([queued('?'), started()]))).state
  const cost = (from: number, to: number) => {
    const begin = process.cpuUsage()
    for (let index = from; index < to; index++) {
      const [event] = events([{ ...log([said(token(index))])[0], id: index + 3 } as never])
      if (event) state = after(state, [event]).state
      if (index % 10 === 0) view(state)
    }
    const { user, system } = process.cpuUsage(begin)
    return user + system
  }
  cost(0, 5_000)
  const early = cost(5_000, 15_000)
  cost(15_000, 50_000)
  const late = cost(50_000, 60_000)
  expect(late).toBeLessThan(early * 3)
})
