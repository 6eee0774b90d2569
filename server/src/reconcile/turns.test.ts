import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Asking, openTurns } from './turns.ts'

const asking = (at: number, account_id: string | null = 'alice'): Asking => ({
  id: `m${at}`,
  provider: 'docker',
  account_id,
  created_at: new Date(at),
})

test('who asked first is called first, whoever came to the line first; what nobody waits for comes last', () => {
  const called: string[] = []
  const turns = openTurns(machine => void called.push(machine))
  expect(turns.take(asking(9), 1)).toBe(null)
  expect(turns.take(asking(1, null), 1)).toBe(0)
  expect(turns.take(asking(3), 1)).toBe(0)
  expect(turns.take(asking(2), 1)).toBe(0)
  expect(turns.take(asking(3), 1)).toBe(1)
  expect(turns.take(asking(1, null), 1)).toBe(2)
  for (const id of ['m9', 'm2', 'm3', 'm1']) turns.leave(id)
  expect(called).toEqual(['m2', 'm3', 'm1'])
})

test('a provider without a limit has no line, and providers have lines of their own', () => {
  const turns = openTurns(() => {})
  for (let at = 0; at < 9; at++) expect(turns.take(asking(at), undefined)).toBe(null)
  expect(turns.take(asking(1), 1)).toBe(null)
  expect(turns.take({ ...asking(2), provider: 'byo' }, 1)).toBe(null)
})

// Mutants: a turn that is not given on when its machine goes away; one who waits counted as one who has it.
test('never more than so many at once, and everybody who stays gets a turn', () => {
  const step = fc.record({ machine: fc.nat(7), leaves: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, most) => {
      const having = new Set<string>()
      const waiting = new Set<string>()
      const turns = openTurns(machine => {
        expect(waiting.delete(machine)).toBe(true)
        having.add(machine)
      })
      const leave = (id: string) => {
        having.delete(id)
        waiting.delete(id)
        turns.leave(id)
      }
      for (const { machine, leaves } of steps) {
        const one = asking(machine)
        if (leaves) leave(one.id)
        else if (turns.take(one, most) === null) {
          waiting.delete(one.id)
          having.add(one.id)
        } else waiting.add(one.id)
        expect(having.size).toBeLessThanOrEqual(most)
        expect(waiting.size === 0 || having.size === most).toBe(true)
      }
      while (having.size > 0) for (const id of [...having]) leave(id)
      expect(waiting.size).toBe(0)
    }),
  )
})
