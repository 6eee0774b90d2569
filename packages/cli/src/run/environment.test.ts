import { expect, test } from 'vitest'
import { readEnvironment } from './environment.ts'

test('--env takes a value, an empty one, one with any characters, or the one it has here', () => {
  expect(readEnvironment(['A=1', 'B=', 'C=x=y\nz', 'TOKEN'], { TOKEN: 'secret' })).toEqual({
    A: '1',
    B: '',
    C: 'x=y\nz',
    TOKEN: 'secret',
  })
})

test('an --env that is none is refused, without its value in the error', () => {
  expect(() => readEnvironment(['1A=hush'], {})).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(() => readEnvironment(['1A=hush'], {})).not.toThrow(/hush/)
  expect(() => readEnvironment(['MISSING'], {})).toThrow(/MISSING is not set here/)
})
