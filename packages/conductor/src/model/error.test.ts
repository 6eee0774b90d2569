import { expect, test } from 'vitest'
import { modelError } from './error.ts'

test.each([
  [400, 'model_refused'],
  [401, 'model_refused'],
  [404, 'model_refused'],
  [408, 'model_failed'],
  [429, 'model_failed'],
  [500, 'model_failed'],
  [undefined, 'model_failed'],
])('status %s is %s, by the last of several tries, and cut once an answer had begun', (statusCode, code) => {
  const error = { message: 'Failed after 3 attempts', lastError: { message: 'why', statusCode } }
  expect(modelError(error, false, null)).toMatchObject({ code, message: expect.stringMatching(/: why$/) })
  expect(modelError(error, true, null).code).toBe('model_cut')
})

test('the message is one line of bounded length without the key', () => {
  const { message } = modelError(new Error(`bad key sk-1\n${'x'.repeat(1000)}`), false, 'sk-1')
  expect(message).toContain('bad key *** xxx')
  expect(message.length).toBeLessThan(400)
})
