import { expect, test } from 'vitest'
import { readPaths } from './copy.ts'

test.each([
  ['a.txt :b.txt', { machine: undefined, to: 'machine', sources: ['a.txt'], target: 'b.txt' }],
  ['a b otter:app/', { machine: 'otter', to: 'machine', sources: ['a', 'b'], target: 'app/' }],
  ['otter+work:a otter+work:b .', { machine: 'otter+work', to: 'here', sources: ['a', 'b'], target: '.' }],
  ['./a:b otter:', { machine: 'otter', to: 'machine', sources: ['./a:b'], target: '' }],
  ['/tmp/a:b :/tmp/c:d', { machine: undefined, to: 'machine', sources: ['/tmp/a:b'], target: '/tmp/c:d' }],
])('%s', (words, copying) => {
  expect(readPaths(words.split(' '), 'linux')).toEqual(copying)
})

test.each([
  ['a', 'missing'],
  ['a b', 'Neither'],
  [':a :b', 'Both'],
  ['a :b c', 'Some'],
  ['a otter:b owl:c', 'Both'],
  ['otter:a owl:b c', 'several'],
  ['a :b :c', 'Both'],
])('%s is refused', (words, why) => {
  expect(() => readPaths(words.split(' '), 'linux')).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining(why) }),
  )
})

test('on Windows a drive is no machine', () => {
  expect(readPaths(['C:\\a.txt', ':b'], 'win32')).toMatchObject({ machine: undefined, sources: ['C:\\a.txt'] })
})
