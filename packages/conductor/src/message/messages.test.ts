import { type MessageLimits, monthAt } from '@spoq/contracts/message'
import { SpoqError } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDatabase } from '../log/index.ts'
import { openMessages } from './messages.ts'

const december = Date.parse('2026-12-01T00:00:00Z')
const limit = (most: number, more: object = {}) => ({ most, elsewhere: 0, here: 0, next: 'Buy more.', ...more })
const limits = (given: Partial<MessageLimits>): MessageLimits => ({
  plan: 'Free',
  month: '2026-11',
  all: null,
  onCredit: null,
  ...given,
})

function world(given?: MessageLimits) {
  const database = openDatabase(':memory:')
  const at = { time: december - 1_000, limits: given }
  const on = (machine: string) => openMessages(database, { machine, now: () => at.time, limits: () => at.limits })
  const messages = on('mach_one')
  /** `ok`, or why not. */
  const take = (onCredit = false) => {
    try {
      messages.take(onCredit)
      return 'ok'
    } catch (error) {
      if (error instanceof SpoqError) return error.code
      throw error
    }
  }
  return { at, messages, take, on }
}

const no = 'messages_used_up'

test('what is one too many is refused with the numbers, the end of the month and the way to more', () => {
  const { messages, take } = world(limits({ all: limit(2) }))
  expect([take(), take(), take()]).toEqual(['ok', 'ok', no])
  expect(() => messages.take(false)).toThrow(
    expect.objectContaining({
      message: '2 of 2 messages that the plan Free has a month are used, until 1 December (UTC).',
      next: 'Buy more.',
    }),
  )
  expect(messages.counts()).toEqual([{ month: '2026-11', all: 2, onCredit: 0 }])
})

test('a month ends with its last moment, UTC', () => {
  const { at, messages, take } = world(limits({ all: limit(1) }))
  expect([take(), take()]).toEqual(['ok', no])
  at.time = december - 1
  expect(take()).toBe(no)
  at.time = december
  expect([take(), take()]).toEqual(['ok', no])
  at.time = december + 1_000
  expect(take()).toBe(no)
  expect(messages.uses()).toEqual([{ used: 1, most: 1, onCredit: false, until: '2027-01-01T00:00:00.000Z' }])
})

test('on credit has a limit of its own, and a key of one’s own goes on where that has none', () => {
  const { messages, take } = world(limits({ plan: 'Basic', onCredit: limit(1) }))
  expect([take(true), take(true), take(false), take(false)]).toEqual(['ok', no, 'ok', 'ok'])
  expect(() => messages.take(true)).toThrow(
    expect.objectContaining({
      message: '1 of 1 messages on Spoq credit that the plan Basic has a month are used, until 1 December (UTC).',
      next: 'Buy more. Or ask with a key of your own: spoq model key set VENDOR.',
    }),
  )
  expect(messages.counts()).toEqual([{ month: '2026-11', all: 3, onCredit: 1 }])
})

test('where all are limited, those on credit count too, and a key is no way around it', () => {
  const { messages, take } = world(limits({ all: limit(2), onCredit: limit(2) }))
  expect([take(true), take(false), take(true), take(false)]).toEqual(['ok', 'ok', no, no])
  expect(() => messages.take(true)).toThrow(expect.objectContaining({ next: 'Buy more.' }))
})

test('what other machines used, and what the backend knows of this one, counts for its own month alone', () => {
  const { at, take } = world(limits({ all: limit(10, { elsewhere: 6, here: 3 }) }))
  expect([take(), take()]).toEqual(['ok', no])
  at.time = december
  expect(Array.from({ length: 11 }, () => take()).filter(one => one === 'ok')).toHaveLength(10)
})

test('with no limit all is counted, so that one that comes later knows of it; taken away it lets go at once', () => {
  const { at, take } = world()
  expect([take(), take(), take()]).toEqual(['ok', 'ok', 'ok'])
  at.limits = limits({ all: limit(3) })
  expect(take()).toBe(no)
  at.limits = undefined
  expect(take()).toBe('ok')
})

test('it is told when nine of ten are used', () => {
  const { messages } = world(limits({ all: limit(20) }))
  const told = Array.from({ length: 20 }, () => messages.take(false)?.used ?? null)
  expect(told).toEqual([...Array.from({ length: 17 }, () => null), 18, 19, 20])
})

test('a clock that goes back opens no month again, one that goes ahead spends the later month and leaves this one', () => {
  const { at, take } = world(limits({ all: limit(1) }))
  expect(take()).toBe('ok')
  at.time = Date.parse('2026-09-15T00:00:00Z')
  expect(take()).toBe(no)
  at.limits = limits({ month: '2026-12', all: limit(1) })
  at.time = Date.parse('2031-03-01T00:00:00Z')
  expect([take(), take()]).toEqual(['ok', no])
  at.time = december
  expect([take(), take()]).toEqual(['ok', no])
  at.limits = limits({ month: '2031-03', all: limit(1) })
  at.time = Date.parse('2031-03-09T00:00:00Z')
  expect(take()).toBe(no)
})

test('what another machine counted in this log is not counted again: the backend tells of it', () => {
  const { take, on } = world(limits({ all: limit(2) }))
  expect([take(), take(), take()]).toEqual(['ok', 'ok', no])
  const other = on('mach_two')
  expect(other.counts()).toEqual([])
  other.take(false)
  expect(other.counts()).toEqual([{ month: '2026-11', all: 1, onCredit: 0 }])
})

// Mutants: count in the clock's month alone; count in the newest month that was ever counted; forget later months.
test('wherever the clock goes, no month has more than its limit, and none before the one that was told is used', () => {
  const months = fc.integer({ min: 0, max: 40 }).map(n => Date.UTC(2026, n, 1 + (n % 28)))
  const step = fc.record({ clock: months, told: fc.integer({ min: 0, max: 3 }), times: fc.integer({ min: 1, max: 5 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), steps => {
      const { at, messages, take } = world(limits({ month: '2026-01', all: limit(3) }))
      let backend = 0
      for (const { clock, told, times } of steps) {
        backend += told
        const month = monthAt(Date.UTC(2026, backend, 1))
        at.limits = limits({ month, all: limit(3) })
        at.time = clock
        const before = JSON.stringify(messages.counts().filter(one => one.month < month))
        const [use] = messages.uses()
        const left = 3 - (use?.used ?? 0)
        const took = Array.from({ length: times }, () => take()).filter(one => one === 'ok')
        expect(took).toHaveLength(Math.min(times, left))
        expect(JSON.stringify(messages.counts().filter(one => one.month < month))).toBe(before)
        for (const { all } of messages.counts()) expect(all).toBeLessThanOrEqual(3)
      }
    }),
    { numRuns: 40 },
  )
})
