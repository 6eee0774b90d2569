import type { Quote } from '@spoq/contracts/provider'
import { expect, test } from 'vitest'
import { quoteInWords } from './quote.ts'

const quote: Quote = {
  provider: 'hetzner',
  template: 'spoq',
  credit: null,
  policy: null,
  place: {
    region: 'nbg1',
    regionName: 'Nuremberg',
    size: { id: 'cx23', cpus: 2, memoryMb: 4_096, diskGb: 40 },
    price: { centsMonthly: 416, currency: 'EUR' },
  },
  deletes: 'now',
  billsWhileOff: true,
  usualSeconds: null,
}
const at = (date: string) => Date.parse(date)

test('what is bought, its price, and until when', () => {
  expect(quoteInWords(quote, at('2026-11-21'))).toBe(
    'hetzner cx23 in Nuremberg (nbg1): 2 CPUs, 4 GB memory, 40 GB disk, 4.16 EUR a month. ' +
      'It is billed until it is terminated; stopped it costs the same.',
  )
})

test.each([
  ['2026-11-21', '2026-12-21'],
  ['2026-12-31', '2027-01-31'],
  ['2027-01-31', '2027-02-28'],
  ['2028-01-30', '2028-02-29'],
])('what is paid a month ahead on %s is paid until %s', (from, to) => {
  const words = quoteInWords({ ...quote, deletes: 'at-period-end' }, at(from))
  expect(words).toContain(`it is billed until ${to}`)
})

test('what is paid from credit says the price of a day and how far the credit reaches', () => {
  const credit = { daily: '0.210000', days: 1, needed: 7, missingCents: 126 }
  expect(quoteInWords({ ...quote, template: 'seedbox', credit }, 0)).toBe(
    'seedbox on hetzner cx23 in Nuremberg (nbg1): 2 CPUs, 4 GB memory, 40 GB disk. It costs $0.21 a day from your credit, ' +
      'which is enough for 1 day. The first day and the last are paid in full; stopped it costs the same.',
  )
  expect(quoteInWords({ ...quote, place: null, provider: 'local', template: 'seedbox', credit }, 0)).toMatch(
    /^seedbox on local\. It costs \$0\.21 a day/,
  )
})

test('what costs nothing has no price to agree to', () => {
  expect(quoteInWords({ ...quote, place: null }, 0)).toBeNull()
})
