import { subscriptionStates } from '@spoq/contracts/subscription'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Facts,
  frozenMs,
  graceMs,
  leastGraceMs,
  next,
  nextAt,
  type Standing,
  type StripeStatus,
} from './lifecycle.ts'

const second = 1_000
const t0 = Date.UTC(2026, 0, 1)
const statuses: StripeStatus[] = [
  ...(['active', 'canceled', 'incomplete', 'incomplete_expired', 'past_due', 'paused', 'trialing', 'unpaid'] as const),
]
const facts = (changed: Partial<Facts> = {}): Facts => ({
  ...{ status: 'active', plan: 'pro', interval: 'month', paidOnce: true, failures: 0, failedAt: null },
  ...{ periodEnd: t0, cancelAtPeriodEnd: false, endedAt: null },
  ...changed,
})
const none = { graceUntil: null, frozenUntil: null }
const before = (state: Standing['state'], changed: Partial<Standing & { plan: 'basic' | 'pro' | 'team' }> = {}) => ({
  ...{ state, plan: 'pro' as const },
  ...(state === 'grace' ? { graceUntil: t0 + graceMs, frozenUntil: null } : none),
  ...(state === 'frozen' ? { graceUntil: t0, frozenUntil: t0 + frozenMs } : {}),
  ...changed,
})

// The whole table: what Stripe says, and what was before. `-`: as it was.
describe('what Stripe says decides, whatever was before', () => {
  const table: [what: string, facts: Partial<Facts>, expected: string][] = [
    ['active', {}, 'active'],
    ['active, never paid', { paidOnce: false }, 'incomplete'],
    ['trialing', { status: 'trialing' }, 'trialing'],
    ['incomplete, never paid', { status: 'incomplete', paidOnce: false }, 'incomplete'],
    ['incomplete_expired, never paid', { status: 'incomplete_expired', paidOnce: false }, 'ended'],
    ['canceled, never paid', { status: 'canceled', paidOnce: false }, 'ended'],
    ['past_due, 1st failure', { status: 'past_due', failures: 1 }, 'past_due'],
    ['past_due, 3rd failure', { status: 'past_due', failures: 3 }, 'past_due'],
    ['past_due, 4th failure', { status: 'past_due', failures: 4 }, 'lapsed'],
    ['unpaid', { status: 'unpaid', failures: 4 }, 'lapsed'],
    ['paused', { status: 'paused' }, 'lapsed'],
    ['incomplete, paid before', { status: 'incomplete' }, 'lapsed'],
    ['canceled', { status: 'canceled', endedAt: t0 }, 'lapsed'],
  ]
  for (const [what, changed, expected] of table)
    test.each(subscriptionStates)(`${what}, before: %s`, state => {
      const now = t0 + second
      const after = next(before(state), facts(changed), now).state
      const isLapsed = state === 'grace' || state === 'frozen' || state === 'ended'
      expect(after).toBe(expected === 'lapsed' ? (isLapsed ? state : 'grace') : expected)
    })
})

describe('the grace begins when it lapsed', () => {
  const day = 86_400 * second
  const lapses: [what: string, facts: Partial<Facts>][] = [
    ['at the 4th failure', { status: 'past_due', failures: 4, failedAt: t0 }],
    ['unpaid since the last failure', { status: 'unpaid', failedAt: t0 }],
    ['at the end', { status: 'canceled', endedAt: t0 }],
  ]
  const until = (said: Partial<Facts>, now: number) => next(before('active'), facts(said), now)
  const grace = (graceUntil: number) => ({ state: 'grace', graceUntil, frozenUntil: null })
  describe.each(lapses)('%s', (_, said) => {
    test.each([0, second, day, graceMs - leastGraceMs - second, graceMs - leastGraceMs])(
      'read %i ms later, it ends 7 days after that',
      by => {
        expect(until(said, t0 + by)).toEqual(grace(t0 + graceMs))
      },
    )
    test.each([graceMs - leastGraceMs + second, graceMs - second, graceMs, graceMs + second, 8 * day, 400 * day])(
      'read %i ms later, it lasts for a day from then',
      by => {
        expect(until(said, t0 + by)).toEqual(grace(t0 + by + leastGraceMs))
      },
    )
    test.each([1, second, 365 * day])('a time that is %i ms ahead is taken for now', ahead => {
      expect(until(said, t0 - ahead)).toEqual(grace(t0 - ahead + graceMs))
    })
  })
  test('of a time that nobody knows is now', () => {
    for (const status of ['past_due', 'unpaid', 'paused', 'incomplete'] as const)
      expect(until({ status, failures: 4 }, t0)).toEqual(grace(t0 + graceMs))
  })
})

describe('time alone', () => {
  const after = (of: ReturnType<typeof before>, now: number) => next(of, null, now).state
  test.each([
    ['pro', -second, 'grace'],
    ['pro', 0, 'frozen'],
    ['pro', second, 'frozen'],
    ['basic', -second, 'grace'],
    ['basic', 0, 'ended'],
    ['basic', second, 'ended'],
  ] as const)('%s, %i ms from the end of the grace: %s', (plan, by, expected) => {
    expect(after({ ...before('grace'), plan }, t0 + graceMs + by)).toBe(expected)
  })
  test.each([
    [-second, 'frozen'],
    [0, 'ended'],
    [second, 'ended'],
  ] as const)('%i ms from the end of the 30 days: %s', (by, expected) => {
    expect(after(before('frozen'), t0 + frozenMs + by)).toBe(expected)
  })
  test.each(['incomplete', 'trialing', 'active', 'past_due', 'ended'] as const)('changes nothing of %s', state => {
    expect(next(before(state), null, t0 + 1e12)).toEqual({ state, ...none })
  })
})

// Boundary-biased: times at and beside the ends of the terms.
const anyNow = fc
  .tuple(
    fc.constantFrom(0, graceMs, graceMs + frozenMs, frozenMs, 86_400_000),
    fc.constantFrom(-second, -1, 0, 1, second),
  )
  .map(([at, by]) => t0 + at + by)
const anyFacts = fc.record({
  ...{
    status: fc.constantFrom(...statuses),
    plan: fc.constantFrom('basic', 'pro', 'team'),
    interval: fc.constant('month'),
  },
  ...{ paidOnce: fc.boolean(), failures: fc.integer({ min: 0, max: 6 }), periodEnd: fc.constant(t0) },
  ...{ cancelAtPeriodEnd: fc.boolean(), endedAt: fc.constantFrom(null, t0, t0 - second) },
  failedAt: fc.constantFrom(null, t0, t0 - second, t0 + second),
}) as fc.Arbitrary<Facts>
const anyBefore = fc.constantFrom(...subscriptionStates).map(state => before(state))

// Mutants: a grace that begins again at each message; a state reached by time that a late message of the failure undoes.
test('the same facts again change nothing more', () => {
  fc.assert(
    fc.property(anyBefore, anyFacts, anyNow, (was, said, now) => {
      const once = next(was, said, now)
      expect(next({ ...once, plan: said.plan }, said, now)).toEqual(once)
    }),
  )
})

// Mutant: `>` in the place of `>=` at the end of a term; a look that skips a term which is over as well.
test('it is the same whether one looked often or seldom', () => {
  fc.assert(
    fc.property(anyBefore, anyFacts, fc.array(anyNow, { maxLength: 4 }), anyNow, (was, said, between, at) => {
      const start = next(was, said, t0)
      const looks = [...between.filter(one => one >= t0 && one <= at).sort((a, b) => a - b), at]
      let often: Standing = start
      for (const now of looks) often = next({ ...often, plan: said.plan }, null, now)
      expect(often).toEqual(next({ ...start, plan: said.plan }, null, at))
    }),
  )
})

test('nothing is given that was never paid, and a payment always brings it back', () => {
  fc.assert(
    fc.property(anyBefore, anyFacts, anyNow, (was, said, now) => {
      const unpaid = next(was, { ...said, paidOnce: false }, now).state
      expect(['incomplete', 'ended']).toContain(unpaid)
      expect(next(was, facts(), now)).toEqual({ state: 'active', ...none })
    }),
  )
})

test('what time will change is known, and is then due', () => {
  fc.assert(
    fc.property(anyBefore, anyFacts, anyNow, (was, said, now) => {
      const standing = next(was, said, now)
      const at = nextAt(standing)
      if (at === null) return
      expect(at).toBeGreaterThan(now)
      expect(next({ ...standing, plan: said.plan }, null, at).state).not.toBe(standing.state)
      expect(next({ ...standing, plan: said.plan }, null, at - 1)).toEqual(standing)
    }),
  )
})
