import fc from 'fast-check'
import { expect, test } from 'vitest'
import { centsOf } from './wish.ts'
import { money } from './words.ts'

test.each([
  ['20.000000', '$20.00'],
  ['12.345678', '$12.345678'],
  ['12.500000', '$12.50'],
  ['12.345000', '$12.345'],
  ['-5.000000', '-$5.00'],
  ['-0.000001', '-$0.000001'],
  ['0.000000', '$0.00'],
])('%s is shown as %s', (given, shown) => {
  expect(money(given)).toBe(shown)
})

/** Finds cents that are lost in a number of dollars. */
test('what is typed is just that in cents', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), cents => {
      expect(centsOf((cents / 100).toFixed(2))).toBe(cents)
    }),
  )
})

test.each(['', '-5', '1.234', '1e3', '5,00', 'twenty', '$', '12345678'])('%s is no amount', typed => {
  expect(() => centsOf(typed)).toThrow('is no amount')
})
