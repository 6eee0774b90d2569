// Discounts and shares: exact to the cent.

import * as fc from 'fast-check'
import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { discount, netOf } from './lines.ts'
import { nthPeriod, periodEnd, share } from './period.ts'
import type { World } from './world.ts'

const cents = fc.integer({ min: 0, max: 1_000_000 })
const coupon = fc.oneof(
  fc.record({ percent_off: fc.integer({ min: 1, max: 10_000 }).map(n => n / 100), amount_off: fc.constant(null) }),
  fc.record({ percent_off: fc.constant(null), amount_off: cents }),
)
const lineOf = (amount: number) =>
  ({ amount, discountable: true, discount_amounts: [] }) as unknown as Stripe.InvoiceLineItem

// Catches: a cent that is lost or made when a discount is split, and a line below zero.
test('what discounts take off the lines is what they take in all, and no line goes below zero', () => {
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1, maxLength: 6 }), fc.array(coupon, { maxLength: 3 }), (amounts, all) => {
      const world = { coupons: new Map(all.map((one, n) => [`c${n}`, one])) } as unknown as World
      const discounts = all.map((_, n) => ({ id: `d${n}`, source: { coupon: `c${n}` } }) as unknown as Stripe.Discount)
      const lines = amounts.map(lineOf)
      const taken = discount(world, lines, discounts).reduce((sum, { amount }) => sum + amount, 0)
      const left = lines.reduce((sum, line) => sum + netOf(line), 0)
      expect(left + taken).toBe(amounts.reduce((sum, amount) => sum + amount, 0))
      for (const line of lines) expect(netOf(line)).toBeGreaterThanOrEqual(0)
    }),
  )
})

test('the parts of a whole differ from it by no more than a cent', () => {
  fc.assert(
    fc.property(cents, fc.integer({ min: 0, max: 2_678_400 }), (amount, part) => {
      const whole = 2_678_400
      expect(Math.abs(share(amount, part, whole) + share(amount, whole - part, whole) - amount)).toBeLessThanOrEqual(1)
      expect(share(-amount, part, whole) + share(amount, part, whole)).toBe(0)
    }),
  )
})

test('a period ends after it starts, and at the same time of day', () => {
  const every = fc.record({ interval: fc.constantFrom('day', 'week', 'month', 'year'), interval_count: fc.constant(1) })
  fc.assert(
    fc.property(every, fc.integer({ min: 1_577_836_800, max: 1_893_456_000 }), fc.nat(30), (each, anchor, n) => {
      const start = nthPeriod(anchor, each, n)
      const end = periodEnd(anchor, each, start)
      expect(end).toBe(nthPeriod(anchor, each, n + 1))
      expect((end - anchor) % 86_400).toBe(0)
    }),
  )
})
