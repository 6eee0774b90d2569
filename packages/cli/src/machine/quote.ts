// What a machine costs, in words, before it is made.

import type { Price } from '@spoq/contracts/machine'
import type { Quote } from '@spoq/contracts/provider'
import { money as dollars } from '../credit/words.ts'

/** `4.16 EUR`: what it costs a month. */
export const money = ({ centsMonthly, currency }: Price) => `${(centsMonthly / 100).toFixed(2)} ${currency}`

/** `2 CPUs, 4 GB memory, 40 GB disk` */
export const sizeInWords = ({ cpus, memoryMb, diskGb }: { cpus: number; memoryMb: number; diskGb: number }) =>
  `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}, ${memoryInWords(memoryMb)} memory, ${diskGb} GB disk`

export const memoryInWords = (mb: number) => (mb < 1024 ? `${mb} MB` : `${Math.round((mb / 1024) * 10) / 10} GB`)

/** What is bought, for how much, and until when it is paid. Null where it costs nothing. */
export function quoteInWords(quote: Quote, now: number): string | null {
  if (quote.credit) return dailyInWords(quote, quote.credit)
  const { place, deletes, billsWhileOff } = quote
  if (!place) return null
  const until =
    deletes === 'now'
      ? 'It is billed until it is terminated'
      : `It is paid a month ahead: terminated at any time before, it is billed until ${inAMonth(now)}`
  const off = billsWhileOff ? '; stopped it costs the same' : ''
  return `${placeInWords(quote, place)}, ${money(place.price)} a month. ${until}${off}.`
}

function placeInWords({ provider }: Quote, { region, regionName, size }: NonNullable<Quote['place']>): string {
  const where = region === regionName ? region : `${regionName} (${region})`
  return `${provider} ${size.id} in ${where}: ${sizeInWords(size)}`
}

/** Of what is paid from credit. */
function dailyInWords(quote: Quote, credit: NonNullable<Quote['credit']>): string {
  const what = quote.place ? placeInWords(quote, quote.place) : quote.provider
  return `${quote.template} on ${what}. ${creditInWords(credit)} The first day and the last are paid in full; stopped it costs the same.`
}

/** `It costs $0.20 a day from your credit, which is enough for 24 days.` */
export const creditInWords = ({ daily, days }: NonNullable<Quote['credit']>) =>
  `It costs ${dollars(daily)} a day from your credit, which is enough for ${days} ${days === 1 ? 'day' : 'days'}.`

/** The same day of the next month, or its last one. */
function inAMonth(now: number): string {
  const date = new Date(now)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), last)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, day)).toISOString().slice(0, 10)
}
