// What a machine that is paid from credit costs a day. Pure.

import type { Price } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { DailyPrice } from './table.ts'

/** What a hundred of a currency cost in dollars, with room for a year's ups and downs: credit is in dollars. */
const dollarsOfAHundred: Record<string, number> = { USD: 100, EUR: 125 }

/**
 * In micro-units, whole cents, rounded up. `price`: what the provider takes; null: nothing.
 * @throws SpoqError `provider_failed` when that is in a currency that we have no rate of.
 */
export function dailyMicros({ markupPercent, leastCents }: DailyPrice, price: Price | null): bigint {
  const { centsMonthly, currency } = price ?? { centsMonthly: 0, currency: 'USD' }
  const rate = dollarsOfAHundred[currency]
  if (rate === undefined)
    throw new SpoqError('provider_failed', {
      message: `Its prices are in ${currency}, and credit is in dollars.`,
      next: 'Choose another provider.',
    })
  // Whole numbers all the way: hundredths of a per cent of hundredths of a per cent.
  const parts = BigInt(Math.ceil(centsMonthly)) * BigInt(rate) * BigInt(100 + markupPercent)
  const cents = (parts + 299_999n) / 300_000n
  return (cents > BigInt(leastCents) ? cents : BigInt(leastCents)) * 10_000n
}
