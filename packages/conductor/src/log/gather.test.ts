import { setImmediate as tick } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gather } from './gather.ts'

/** A gather that remembers what it handed over. */
function remembering(ms: number) {
  const handed: string[][] = []
  const hand = (given: readonly string[]) => handed.push([...given])
  const pieces = gather<string>(ms, hand, error => {
    throw error
  })
  return { handed, pieces }
}

const hour = 3_600_000

test('the first piece goes at once, those soon after it together, in their order', () => {
  const { handed, pieces } = remembering(hour)
  for (const piece of ['a', 'b', 'c']) pieces.add(piece)
  expect(handed).toEqual([['a']])
  pieces.flush()
  expect(handed).toEqual([['a'], ['b', 'c']])
  pieces.flush()
  expect(handed).toEqual([['a'], ['b', 'c']])
})

test('what nobody flushes goes by itself', async () => {
  const { handed, pieces } = remembering(1)
  pieces.add('a')
  pieces.add('b')
  while (handed.length < 2) await tick()
  expect(handed).toEqual([['a'], ['b']])
})

test('a flood that leaves no room for timers is handed over meanwhile', () => {
  const { handed, pieces } = remembering(1)
  const patience = performance.now() + 10_000
  while (handed.length <= 5 && performance.now() < patience) pieces.add('x')
  expect(handed.length).toBeGreaterThan(5)
})

test('pieces that could not be handed over are told of, and come first the next time', () => {
  const handed: string[][] = []
  const errors: unknown[] = []
  let full = true
  const hand = (given: readonly string[]) => {
    if (full) throw new Error('full')
    handed.push([...given])
  }
  const pieces = gather<string>(hour, hand, error => errors.push(error))
  pieces.add('a')
  expect(errors).toEqual([new Error('full')])
  expect(() => pieces.flush()).toThrow('full')
  full = false
  pieces.add('b')
  expect(handed).toEqual([['a', 'b']])
})
