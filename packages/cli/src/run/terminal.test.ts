import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { commandLine } from './terminal.ts'

// Catches a word that a shell takes for two, or for an order.
test('each word comes to the command as it is', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', ';', '\n', '*', '-'),
    maxLength: 12,
  })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), words => {
      const line = commandLine('/', 'tmp', ['printf', '%s\\0', ...words])
      expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe(words.map(one => `${one}\0`).join(''))
    }),
    { numRuns: 60 },
  )
})

test('a command whose folder is not there does not run elsewhere', () => {
  expect(() =>
    execFileSync('sh', ['-c', commandLine('/', 'no such', ['echo', 'ran'])], { encoding: 'utf8', stdio: 'pipe' }),
  ).toThrow(/no such/)
})
