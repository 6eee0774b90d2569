import { expect, test } from 'vitest'
import { showFound, showListing, showText } from './show.ts'

test('a whole text is shown as it is, a part says which', () => {
  const text = { kind: 'text', path: 'a', text: 'x\ny', from: 1, to: 2, lines: 2 } as const
  expect(showText(text)).toBe('x\ny')
  expect(showText({ ...text, lines: 9 })).toBe('x\ny\n[lines 1 to 2 of 9]')
  expect(showText({ ...text, text: '', from: 9, to: 8 })).toBe(
    '[no such lines, or the first is too long to show; the file has 2]',
  )
  expect(showText({ ...text, text: '', to: 0, lines: 0 })).toBe('[the file is empty]')
  expect(showText({ kind: 'binary', path: 'a', bytes: 3 })).toBe('[a is a binary file of 3 bytes]')
})

test('lists say when they are not all', () => {
  expect(showListing({ paths: ['a', 'b'], more: false })).toBe('a\nb')
  expect(showListing({ paths: ['a'], more: true })).toBe('a\n[there are more: give a narrower pattern]')
  expect(showListing({ paths: [], more: false })).toBe('[no file matches]')
  const match = { path: 'a', line: 3, text: 'x' }
  expect(showFound({ matches: [match], more: null })).toBe('a:3: x')
  expect(showFound({ matches: [match], more: 'limit' })).toContain('there are more')
  expect(showFound({ matches: [], more: 'time' })).toContain('took too long')
  expect(showFound({ matches: [], more: null })).toBe('[no line matches]')
})
