import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundedOutput } from './output.ts'

// Catches: a wrong count of what is missing, bytes at the seam lost or doubled.
test('output keeps its beginning and its end, however it is cut into pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 12 })),
      fc.integer({ min: 1, max: 8 }),
      (pieces, half) => {
        const output = boundedOutput(half)
        for (const piece of pieces) output.add(Buffer.from(piece))
        const whole = pieces.join('')
        const missing = whole.length - 2 * half
        const cut = `${whole.slice(0, half)}\n[${missing} bytes left out]\n${whole.slice(-half)}`
        expect(output.text()).toBe(missing > 0 ? cut : whole)
      },
    ),
  )
})
