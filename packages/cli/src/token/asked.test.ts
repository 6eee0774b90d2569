import { expect, test } from 'vitest'
import { readLife, readScopes } from './asked.ts'

test('scopes come in one word or several, each once', () => {
  expect(readScopes(['machine:read,machine:use', 'machine:read', ' account:read '])).toEqual([
    'machine:read',
    'machine:use',
    'account:read',
  ])
})

test.each(['', 'machine', 'security:write', 'machine:read,', 'toString'])('the scope %j is refused', said => {
  expect(() => readScopes([said])).toThrow('--scope does not know')
})

test.each([
  ['1m', 60],
  ['12h', 43_200],
  ['366d', 31_622_400],
])('%s is %i seconds', (said, seconds) => {
  expect(readLife(said)).toBe(seconds)
})

test.each(['', '0d', '367d', '-1d', '1', '1w', '1.5d', '9999999d', ' 1d'])('the life %j is refused', said => {
  expect(() => readLife(said)).toThrow('--expires does not understand')
})
