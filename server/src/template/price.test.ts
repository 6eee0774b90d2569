import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dailyMicros } from './price.ts'

const price = { markupPercent: 20, leastCents: 20 }

test.each([
  [null, 200_000n],
  [{ centsMonthly: 0, currency: 'USD' }, 200_000n],
  // A thirtieth of $12.00, and a fifth more: $0.48.
  [{ centsMonthly: 1_200, currency: 'USD' }, 480_000n],
  // The same in euros, at $1.25: $0.60.
  [{ centsMonthly: 1_200, currency: 'EUR' }, 600_000n],
  // Whole cents, rounded up.
  [{ centsMonthly: 1_201, currency: 'USD' }, 490_000n],
])('%j a month is %s micro-units a day', (monthly, daily) => {
  expect(dailyMicros(price, monthly)).toBe(daily)
})

test('of a currency that we have no rate of nothing is sold', () => {
  const asked = () => dailyMicros(price, { centsMonthly: 100, currency: 'BRL' })
  expect(asked).toThrow(expect.objectContaining({ code: 'provider_failed' }))
})

// Mutants: rounded down; the mark-up left out.
test('thirty days pay for what the provider takes, with the mark-up', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000_000 }), centsMonthly => {
      const month = 30n * dailyMicros(price, { centsMonthly, currency: 'USD' })
      expect(month * 100n >= BigInt(centsMonthly) * 120n * 10_000n).toBe(true)
    }),
  )
})
