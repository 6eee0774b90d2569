import { setImmediate as later } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takingTurns } from './take-turns.ts'

/** Catches: work of one key that overlaps, turns given out of order, a failure that stops those behind it. */
test('whatever waits and fails, work of one key runs one at a time and in the order in which it came', async () => {
  const work = fc.record({ key: fc.constantFrom('a', 'b'), ticks: fc.nat(3), fails: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(work, { maxLength: 8 }), async works => {
      const inTurn = takingTurns()
      const seen: string[] = []
      const all = works.map(({ key, ticks, fails }, at) =>
        inTurn(key, async () => {
          seen.push(`${key} ${at} begins`)
          for (let tick = 0; tick < ticks; tick++) await later()
          seen.push(`${key} ${at} ends`)
          if (fails) throw new Error('failed')
          return at
        }),
      )
      const outcomes = await Promise.allSettled(all)
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(works.map(({ fails }) => fails))
      for (const key of ['a', 'b'])
        expect(seen.filter(line => line.startsWith(key))).toEqual(
          works.flatMap((w, at) => (w.key === key ? [`${key} ${at} begins`, `${key} ${at} ends`] : [])),
        )
    }),
  )
})
