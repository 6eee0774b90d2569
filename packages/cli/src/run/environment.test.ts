import { expect, test } from 'vitest'
import { readEnvironment } from './environment.ts'

test('--env takes a value, an empty one, one with any characters, or the one it has here', () => {
  expect(readEnvironment({ values: ['A=1', 'B=', 'C=x=y\nz', 'TOKEN'], files: [] }, { TOKEN: 'secret' })).toEqual({
    A: '1',
    B: '',
    C: 'x=y\nz',
    TOKEN: 'secret',
  })
})

test('an --env that is none is refused, without its value in the error', () => {
  expect(() => readEnvironment({ values: ['1A=hush'], files: [] }, {})).toThrow(
    expect.objectContaining({ code: 'usage' }),
  )
  expect(() => readEnvironment({ values: ['1A=hush'], files: [] }, {})).not.toThrow(/hush/)
  expect(() => readEnvironment({ values: ['MISSING'], files: [] }, {})).toThrow(/MISSING is not set here/)
})
