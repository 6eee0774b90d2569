import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, isRule } from './rule.ts'

test.each([
  // what is needed, what is called, the rules, what comes of it
  ['nothing', 'read', 'a.txt', [], 'allow'],
  ['nothing', 'read', 'a.txt', ['deny'], 'allow'],
  ['approval', 'run', 'ls', [], 'ask'],
  ['approval', 'run', 'ls', ['deny'], 'deny'],
  ['approval', 'run', 'ls', ['run'], 'allow'],
  ['approval', 'run', 'ls; rm -rf /', ['run'], 'allow'],
  ['approval', 'run', 'ls; rm -rf /', ['run(*)'], 'allow'],
  ['approval', 'run', 'ls', ['edit', 'run()'], 'ask'],
  ['approval', 'run', 'npm test', ['run(npm *)'], 'allow'],
  ['approval', 'run', 'npm test', ['deny', 'run(npm *)'], 'allow'],
  ['approval', 'run', 'yarn test', ['run(npm *)', 'deny'], 'deny'],
  ['approval', 'run', 'npm', ['run(npm *)'], 'ask'],
  ['approval', 'run', 'xnpm test', ['run(npm *)'], 'ask'],
  ['approval', 'run', 'npm run build -- --fast', ['run(npm * -- *)'], 'allow'],
  ['approval', 'run', 'make a b', ['run(make *b)'], 'allow'],
  ['approval', 'run', 'ab', ['run(ab*b)'], 'ask'],
  ['approval', 'run', 'make a && make b', ['run(make a && make b)'], 'allow'],
  ['approval', 'run', 'make a && make b', ['run(make a && *)'], 'ask'],
  ['approval', 'run', 'echo (x)', ['run(echo (x))'], 'allow'],
  ['approval', 'run', 'deny', ['deny(*)', 'deny(deny)'], 'ask'],
  ['approval', 'deny', 'x', ['deny'], 'deny'],
  ['approval', 'run', 'ls', ['run(', 'Run', '', 'run ls', 'run(ls) '], 'ask'],
] as const)('%s, %s(%s) with %j: %s', (needs, tool, subject, rules, decision) => {
  expect(decide(tool, subject, needs, rules)).toBe(decision)
})

test.each([';', '&', '|', '`', '$', '<', '>', '\n', '\r', '\\'])(
  'a star lets no command line with %j through',
  word => {
    for (const line of [`npm x${word} rm -rf /`, `npm ${word}`, `npm ${word}(x)`])
      expect(decide('run', line, 'approval', ['run(npm *)', 'run(npm **)', 'run(n*)'])).toBe('ask')
  },
)

// Catches: pieces that overlap, a piece searched from the beginning, greedy matching that cannot go back.
test('a pattern matches as a regular expression of it would', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', ' ', '.'), maxLength: 8 })
  fc.assert(
    fc.property(part, fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.'), maxLength: 8 }), (pattern, subject) => {
      const expression = pattern.replaceAll('.', '\\.').replaceAll('*', '.*')
      const expected = new RegExp(`^${expression}$`).test(subject) ? 'allow' : 'ask'
      expect(decide('run', subject, 'approval', [`run(${pattern})`])).toBe(expected)
    }),
    { numRuns: 5000 },
  )
})

test('what is a rule', () => {
  expect(['run', 'run(npm *)', 'deny', 'client_read(a)'].every(isRule)).toBe(true)
  expect(['', 'run(', 'run npm', 'RUN', '(x)'].some(isRule)).toBe(false)
})
