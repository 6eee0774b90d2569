import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const commands = ['login', 'logout', 'machine show', 'machine stop', 'status', 'up']

test.each([
  ['lgin', 'login'],
  ['sattus', 'status'],
  ['machine shwo', 'machine show'],
  ['deploy', undefined],
  ['', undefined],
])('%j means %j', (word, meant) => {
  expect(nearest(word, commands)).toBe(meant)
})

// Catches a distance that counts wrongly: one letter away from a long word must always be near it.
test('a word with one letter more, less or other is recognised', () => {
  const word = fc.constantFrom('machine show', 'machine stop')
  fc.assert(
    fc.property(word, fc.nat(11), fc.constantFrom('add', 'drop', 'replace'), (command, at, how) => {
      const rest = command.slice(how === 'add' ? at : at + 1)
      const typed = `${command.slice(0, at)}${how === 'drop' ? '' : '#'}${rest}`
      expect(nearest(typed, [command, 'something else'])).toBe(command)
    }),
  )
})
