import fc from 'fast-check'
import { expect, test } from 'vitest'
import { whyNoPath, whyNoPathByEachRule } from './path.ts'

// Catches: a device's name deep in a path, a name that begins with a dot or is empty, taken for plain.
test('a path that is let through at a glance is let through by every rule', () => {
  const name = fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      'con',
      'COM1',
      'com10',
      'nul.txt',
      '.spoq-sync-1',
      'a',
      '-',
      'a.',
      'c:',
      'ä',
      'a\n',
      'a\\b',
    ),
    fc.string({ maxLength: 4 }),
    fc.string({ minLength: 150, maxLength: 300, unit: fc.constantFrom('a', 'é') }),
  )
  fc.assert(
    fc.property(fc.array(name, { maxLength: 120 }), names => {
      const path = names.join('/')
      expect(whyNoPath(path)).toBe(whyNoPathByEachRule(path))
    }),
    { numRuns: 5_000 },
  )
})
