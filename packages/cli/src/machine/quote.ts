// What a machine costs, in words, before it is made.

import type { Price } from '@spoq/contracts/machine'
import type { Quote } from '@spoq/contracts/provider'

/** `4.16 EUR`: what it costs a month. */
export const money = ({ centsMonthly, currency }: Price) => `${(centsMonthly / 100).toFixed(2)} ${currency}`

/** `2 CPUs, 4 GB memory, 40 GB disk` */
export const sizeInWords = ({ cpus, memoryMb, diskGb }: { cpus: number; memoryMb: number; diskGb: number }) =>
  `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}, ${memoryInWords(memoryMb)} memory, ${diskGb} GB disk`

export const memoryInWords = (mb: number) => (mb < 1024 ? `${mb} MB` : `${Math.round((mb / 1024) * 10) / 10} GB`)

/** What is bought, for how much, and until when it is paid. Null where it costs nothing. */
export function quoteInWords({ provider, place, deletes, billsWhileOff }: Quote, now: number): string | null {
  if (!place) return null
  const { region, regionName, size, price } = place
  const where = region === regionName ? region : `${regionName} (${region})`
  const until =
    deletes === 'now'
      ? 'It is billed until it is terminated'
      : `It is paid a month ahead: terminated at any time before, it is billed until ${inAMonth(now)}`
  const off = billsWhileOff ? '; stopped it costs the same' : ''
  return `${provider} ${size.id} in ${where}: ${sizeInWords(size)}, ${money(price)} a month. ${until}${off}.`
}

/** The same day of the next month, or its last one. */
function inAMonth(now: number): string {
  const date = new Date(now)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), last)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, day)).toISOString().slice(0, 10)
}
