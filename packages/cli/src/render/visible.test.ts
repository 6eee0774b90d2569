import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cut, oneLine, visible } from './visible.ts'

const esc = '\u001b'

test('no text can command the terminal: colours, titles, the clipboard, a moved cursor become plain characters', () => {
  expect(visible(`${esc}[31mred${esc}[0m`)).toBe('[31mred[0m')
  expect(visible(`${esc}]52;c;cm0gLXJm\u0007${esc}]0;title\u0007`)).toBe(']52;c;cm0gLXJm]0;title')
  expect(visible('done\r\u009b2Koops\b\b')).toBe('done2Koops')
  expect(visible('two\n\tlines')).toBe('two\n\tlines')
})

// Catches a class with a gap, and one that needs the whole sequence in one piece.
test('whatever is written, in whatever pieces, no control character but tab and newline comes out', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), pieces => {
      const shown = pieces.map(visible).join('')
      expect([...shown].filter(character => isControl(character.codePointAt(0) ?? 0))).toEqual([])
    }),
  )
})

const isControl = (code: number) => (code < 0x20 && code !== 0x09 && code !== 0x0a) || (code >= 0x7f && code <= 0x9f)

test('what a person decides on stands on one line, in the order in which it is run', () => {
  expect(oneLine('rm -rf x\n\n  echo "safe"')).toBe('rm -rf x echo "safe"')
  expect(oneLine('run: \u202egpj.exe\u202c\u200b')).toBe('run: gpj.exe')
})

test('a line fits its columns and says when something is left out', () => {
  expect(cut('· read README.md', 40)).toBe('· read README.md')
  expect(cut(`· run ${'x'.repeat(60)}`, 40)).toHaveLength(40)
  expect(cut(`· run ${'x'.repeat(60)}`, 40)).toMatch(/…$/)
})
