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

test.each([
  [400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."],
  [400, 'Your input exceeds the context window of this model. Please adjust your input and try again.'],
  [400, 'prompt is too long: 210000 tokens > 200000 maximum'],
  [413, 'Request too large'],
  [400, 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'],
  [400, 'the request exceeds the available context size, try increasing it'],
  [undefined, 'context_length_exceeded'],
])('status %s with "%s" is a conversation that is too long', (statusCode, message) => {
  expect(modelError({ message, statusCode }, false, null)).toMatchObject({ code: 'context_too_long', remedy: 'end' })
})

test('too many tokens in a minute is not too long', () => {
  const error = { message: 'Rate limit: input length and context window quota exceeded', statusCode: 429 }
  expect(modelError(error, false, null)).toMatchObject({ code: 'model_failed', remedy: 'retry' })
})

test('the message is one line of bounded length without the key', () => {
  const { message } = modelError(new Error(`bad key sk-1\n${'x'.repeat(1000)}`), false, 'sk-1')
  expect(message).toContain('bad key *** xxx')
  expect(message.length).toBeLessThan(400)
})
