import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { wrapped, wrappedAsItComes } from './wrap.ts'

test('lines are broken between words, a word that is longer than a line within, and colours count for nothing', () => {
  expect(wrapped('none: commands always ask', 12)).toEqual(['none:', 'commands', 'always ask'])
  expect(wrapped('/a/very/long/path x', 8)).toEqual(['/a/very/', 'long/pat', 'h x'])
  expect(wrapped('\u001b[1mbold\u001b[0m words', 10)).toEqual(['\u001b[1mbold\u001b[0m words'])
  expect(wrapped('', 5)).toEqual([''])
})

// Catches a lost or a doubled character, and a line that is too long by its space.
test('whatever it is, no line is wider, and nothing but spaces is lost', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 200 })
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (given, width) => {
      const lines = wrapped(given, width)
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(width)
      expect(lines.join('').replaceAll(' ', '')).toBe(given.replaceAll(/[ \n]/g, ''))
    }),
  )
})

const lines = (pieces: string[], columns: number) => {
  const wrapping = wrappedAsItComes(columns)
  return pieces.map(wrapping.take).join('') + wrapping.rest()
}

test('as it comes, in whatever pieces, it is the same, and fits', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 }), { minLength: 1 })
  fc.assert(
    fc.property(words, fc.integer({ min: 8, max: 59 }), fc.integer({ min: 1, max: 9 }), (given, columns, size) => {
      const text = given.join(' ')
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
      const shown = lines(pieces, columns)
      expect(shown).toBe(lines([text], columns))
      expect(Math.max(...shown.split('\n').map(line => line.length))).toBeLessThanOrEqual(columns)
      expect(shown.replaceAll(/[ \n]/g, '')).toBe(given.join(''))
    }),
  )
})

test('a wide terminal gets the text as it comes', () => {
  expect(wrappedAsItComes(60).take('half a wo')).toBe('half a wo')
})
