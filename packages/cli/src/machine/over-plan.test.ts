import type { Machine } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { Offer } from '@spoq/contracts/provider'
import { expect, test } from 'vitest'
import { overPlanInWords } from './over-plan.ts'

const size = (id: string, cpus: number, memoryMb: number, diskGb: number) => ({
  id,
  cpus,
  memoryMb,
  diskGb,
  prices: [],
})
const offerOf = (can: Offer['can'] = []) =>
  ({ name: 'docker', can, sizes: [size('free', 0.5, 512, 5), size('small', 1, 2_048, 10)] }) as unknown as Offer
const planOf = (machine: Plan['limits']['machine']) => ({ title: 'Free', limits: { machine } }) as Plan
const free = planOf({ cpus: 0.5, memoryMb: 512, diskGb: 5 })
const machine = (more: object = {}) =>
  ({ name: 'otter', provider: 'docker', size: 'small', price: null, ...more }) as Machine

test('a machine that is larger than its plan is told to be', () => {
  expect(overPlanInWords(machine(), [offerOf()], free)).toBe(
    'It is larger (1 CPU, 2 GB memory, 10 GB disk) than a machine of Spoq Free (0.5 CPUs, 512 MB memory, 5 GB disk). ' +
      'It stays so; the next one you make has the size of the plan.',
  )
  expect(overPlanInWords(machine(), [offerOf(['resize'])], free)).toMatch(/: spoq machine resize otter --size free$/)
})

test.each([
  ['one of its very size', machine({ size: 'free' }), [offerOf()], free],
  ['one that any plan has room for', machine(), [offerOf()], planOf(null)],
  ['a rented server', machine({ price: { centsMonthly: 416, currency: 'EUR' } }), [offerOf()], free],
  ['a size that nobody knows', machine({ size: 'huge' }), [offerOf()], free],
  ['a provider that is no longer offered', machine(), [], free],
])('nothing is said of %s', (_, one, offers, plan) => {
  expect(overPlanInWords(one, offers, plan)).toBeNull()
})
