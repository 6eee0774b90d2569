import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoted, quotedIfNeeded } from './index.ts'

// Mutants: a quote within a word not left; a sign that a shell reads taken for plain; an empty word lost.
test.each([quoted, quotedIfNeeded])('%o: a shell reads the very words', write => {
  const word = fc.oneof(
    fc.constantFrom('', ' ', "'", '"', '$HOME', '`id`', '\\', '*', '~', '#', '!', '-n', "it's", 'a\nb'),
    fc.string({ unit: 'binary', maxLength: 12 }).map(text => text.replaceAll('\0', '').toWellFormed()),
  )
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), words => {
      const said = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(write).join(' ')}`], { encoding: 'utf8' })
      expect(said.split('\0').slice(0, -1)).toEqual(words)
    }),
    { numRuns: 100 },
  )
})
