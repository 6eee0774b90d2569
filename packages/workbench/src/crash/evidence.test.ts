import { machineStates } from '@spoq/contracts/machine'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Rows, wrongAudit } from './evidence.ts'

const history = fc.array(fc.constantFrom(...machineStates), { minLength: 1, maxLength: 8 }).map((states): Rows => {
  const changes = states.map((to, at) => ({ from: states[at - 1] ?? null, to }))
  return { machine: 'mach_0', state: states.at(-1) ?? 'pending', wanted: 'running', changes, audit: [...changes] }
})

/** Catches: an audit check that is satisfied by anything. */
test('an audit that tells each change once, in order, is right; one that leaves out, repeats or turns around is not', () => {
  fc.assert(
    fc.property(history, fc.nat(), (rows, random) => {
      expect(wrongAudit(rows)).toEqual([])
      const at = random % rows.audit.length
      const told = rows.audit[at] ?? { from: null, to: null }
      const without = rows.audit.toSpliced(at, 1)
      const twice = rows.audit.toSpliced(at, 0, told)
      const other = rows.audit.with(at, { from: told.to, to: 'somewhere' })
      for (const audit of [without, twice, other]) expect(wrongAudit({ ...rows, audit })).not.toEqual([])
    }),
  )
})

test('records of what changes no state are not counted', () => {
  const change = { from: null, to: 'pending' }
  const rows: Rows = { machine: 'mach_0', state: 'pending', wanted: 'stopped', changes: [change], audit: [change] }
  expect(wrongAudit({ ...rows, audit: [change, { from: null, to: null }] })).toEqual([])
})
