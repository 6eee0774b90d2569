import { standings } from '@spoq/contracts/credit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWorse, standing } from './standing.ts'

const dollar = 1_000_000n

test.each([
  [-dollar, 'empty'],
  [0n, 'empty'],
  [dollar - 1n, 'empty'],
  [dollar, 'day'],
  [2n * dollar - 1n, 'day'],
  [2n * dollar, 'week'],
  [7n * dollar, 'week'],
  [7n * dollar + 1n, 'ok'],
] as const)('%d at a dollar a day is %s', (available, expected) => {
  expect(standing(available, dollar)).toBe(expected)
})

test('nothing to pay is paid', () => {
  expect(standing(-dollar, 0n)).toBe('ok')
})

/** Finds a comparison that is turned round, and a step that is left out. */
test('with less credit it never reaches further', () => {
  const micros = fc.bigInt(-20n * dollar, 20n * dollar)
  fc.assert(
    fc.property(micros, micros, fc.bigInt(1n, 5n * dollar), (a, b, daily) => {
      const [less, more] = a < b ? [a, b] : [b, a]
      expect(isWorse(standing(less, daily), standing(more, daily))).toBe(false)
    }),
  )
})

test('each is worse than those before it', () => {
  for (const [at, one] of standings.entries())
    for (const [later, other] of standings.entries()) expect(isWorse(one, other)).toBe(later > at)
})
