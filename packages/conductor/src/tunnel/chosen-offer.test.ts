import { expect, test } from 'vitest'
import { chosenOffer } from './chosen-offer.ts'

const offer = (generation: number) => ({
  url: 'https://gateway.test/tunnel',
  token: `tunnel_mach_0123456789abcdef0123_${generation}_${'x'.repeat(43)}`,
})

test.each([
  ['nothing was told', undefined, offer(1), offer(1)],
  ['there is none at all', undefined, undefined, null],
  ['the backend told one', offer(2), offer(1), offer(2)],
  ['it was configured anew since', offer(2), offer(10), offer(10)],
  ['the backend told that there is none', null, offer(3), null],
  ['both are the same', offer(2), offer(2), offer(2)],
])('a machine goes by the right offer when %s', (_, told, configured, chosen) => {
  expect(chosenOffer(told, configured)).toEqual(chosen)
})
