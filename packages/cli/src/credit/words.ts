// Credit in words.

import type { Credit } from '@spoq/contracts/credit'
import { listing } from '../output.ts'
import { amount } from '../subscription/words.ts'

/** `$12.50`; what is less than a cent is shown where there is some. */
export function money(dollars: string): string {
  const [, sign, value] = /^(-?)(\d+\.\d\d\d*?)0*$/.exec(dollars) ?? []
  return `${sign ?? ''}$${value ?? dollars}`
}

const far: Record<Credit['standing'], string | null> = {
  ok: null,
  week: 'for a week at most',
  day: 'for a day',
  empty: 'for no day: machines that are paid from it are suspended',
}

const isNone = (dollars: string) => Number(dollars) === 0

export function creditLines({ available, held, daily, standing }: Credit): string {
  return listing({
    credit: money(available),
    'set aside': isNone(held) ? null : money(held),
    'costs a day': isNone(daily) ? null : money(daily),
    lasts: far[standing],
  })
}

/** What will be paid, before it is. */
export const totalInWords = (cents: number, chain: string | undefined) =>
  `Spoq credit: ${amount(cents, 'usd')} now, ${chain ? `in ${chain}` : 'by card'}.`
