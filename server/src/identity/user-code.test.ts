import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newUserCode, normalizeUserCode } from './user-code.ts'
import { words } from './words.ts'

test('three words are 36 bits, each short enough to read aloud', () => {
  expect(new Set(words).size).toBe(words.length)
  expect(3 * Math.log2(words.length)).toBeGreaterThanOrEqual(36)
  for (const word of words) expect(word).toMatch(/^[a-z]{3,8}$/)
})

test('every word can come in every place', () => {
  const last = newUserCode(below => below - 1)
  expect(last).toBe(Array(3).fill(words.at(-1)?.toUpperCase()).join('-'))
  expect(newUserCode(() => 0)).toBe(Array(3).fill(words[0]?.toUpperCase()).join('-'))
})

// Catches: a separator that is not undone, one case that is not folded, normalizing that changes what is normal.
test('however a code is written down, it is the same code', () => {
  const separator = fc.stringMatching(/^[ \-_.,\t]{1,3}$/)
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...words), { minLength: 3, maxLength: 3 }),
      separator,
      fc.boolean(),
      (w, s, up) => {
        const written = w.join(s)
        const code = w.join('-').toUpperCase()
        expect(normalizeUserCode(` ${up ? written.toUpperCase() : written}\n`)).toBe(code)
        expect(normalizeUserCode(code)).toBe(code)
      },
    ),
  )
})
