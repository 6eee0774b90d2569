import { expect, test } from 'vitest'
import { countFailures, placeOf } from './failures.ts'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, place) => {
  expect(placeOf(address)).toBe(place)
})

test('who fails too often is not heard for ten minutes, and nobody else', () => {
  let now = 0
  const failures = countFailures(() => now)
  for (let tries = 0; tries < 60; tries++) {
    expect(failures.isBarred('2001:db8::1')).toBe(false)
    failures.failed(`2001:db8::${tries.toString(16)}`)
  }
  expect(failures.isBarred('2001:db8::ffff')).toBe(true)
  expect(failures.isBarred('2001:db8:0:1::1')).toBe(false)
  now += 10 * 60_000
  expect(failures.isBarred('2001:db8::1')).toBe(false)
})
