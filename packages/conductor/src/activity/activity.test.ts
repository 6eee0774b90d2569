import { EventEmitter } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { openActivity } from './activity.ts'

function machine() {
  let now = 1_000_000
  let busy = false
  const activity = openActivity({ now: () => now, busy: () => busy })
  onTestFinished(() => activity.stop())
  const pass = (ms: number) => {
    now += ms
  }
  const be = (is: boolean) => {
    busy = is
  }
  return { activity, pass, at: () => now, be }
}

test('a machine sleeps once nobody used it for so long, counted from its start', () => {
  const { activity, pass } = machine()
  pass(59_999)
  expect(activity.sleep(60_000)).toEqual({ asleep: false, activeAt: 1_000_000 })
  expect(activity.isAsleep()).toBe(false)
  pass(1)
  expect(activity.sleep(60_000)).toEqual({ asleep: true, activeAt: 1_000_000 })
  expect(activity.isAsleep()).toBe(true)
})

test('it is in use as long as an answer is open, and for a while after', () => {
  const { activity, pass, at } = machine()
  const answer = new EventEmitter()
  activity.watch('/api/runs/run_1/events', answer)
  pass(600_000)
  expect(activity.sleep(60_000)).toEqual({ asleep: false, activeAt: at() })
  answer.emit('close')
  pass(59_999)
  expect(activity.sleep(60_000).asleep).toBe(false)
  pass(1)
  expect(activity.sleep(60_000).asleep).toBe(true)
})

test.each(['/health', '/api/status', '/api/access', '/api/sleep'])('a look at %s is no use of it', path => {
  const { activity, pass } = machine()
  pass(60_000)
  activity.watch(path, new EventEmitter())
  expect(activity.sleep(60_000).asleep).toBe(true)
})

test('it does not sleep over what it is at by itself', () => {
  const { activity, pass, at, be } = machine()
  be(true)
  pass(600_000)
  expect(activity.sleep(60_000)).toEqual({ asleep: false, activeAt: at() })
  be(false)
  pass(60_000)
  expect(activity.sleep(60_000).asleep).toBe(true)
})

test('one that was put to sleep and goes on all the same takes requests again: when it is told to, or after a minute', () => {
  const { activity, pass } = machine()
  activity.sleep(0)
  activity.wake()
  expect(activity.isAsleep()).toBe(false)
  activity.sleep(0)
  pass(60_000)
  expect(activity.isAsleep()).toBe(false)
})
