// All requests, 20,000 to the backend and 16,000 to Conductors, in windows, with what stays in memory after each. Bytes a
// request are what is held against a bound, so that a slow computer changes nothing.

import { expect, test } from 'vitest'
import { backendTarget } from './backend.ts'
import { conductorTarget, type Sender } from './conductor.ts'
import { type Findings, fuzz, growth } from './fuzz.ts'
import { findingsText, seed } from './report.ts'

const windows = 10

test('the backend, 20,000 made-up requests: no fault, and nothing stays in memory', async () => {
  const count = 20_000
  const { target, world } = await backendTarget()
  await using _ = world
  check('backend', await fuzz(target, { seed, count, windows }), count, 500)
}, 900_000)

test.each<[Sender, number]>([
  ['edge', 8_000],
  ['local', 8_000],
])(
  'a Conductor, from %s, %i made-up requests: the same, and nothing runs that nobody allowed',
  async (sender, count) => {
    const { target, guarded } = await conductorTarget(sender)
    // Fewer requests, and sessions of different lengths: what the slope may be by chance is more.
    check(`Conductor, ${sender}`, await fuzz(target, { seed, count, windows }), count, 2_000)
    console.log(`fuzz: the tool that asks first ran ${guarded.runs} times, each allowed`)
    expect(guarded.runs).toBeGreaterThan(0)
  },
  900_000,
)

test('the line through the windows sees a leak and no noise', () => {
  expect(growth([9, 1, 5, 3, 4, 5, 6, 7], 1, 3)).toBeCloseTo(1)
  expect(Math.abs(growth([5, 6, 5, 6, 5, 6, 5], 100, 0))).toBeLessThan(0.01)
})

/** `mostHeap`: bytes a request. */
function check(whom: string, findings: Findings, count: number, mostHeap: number): void {
  const [heap, rss] = [findings.windows.map(({ heap }) => heap), findings.windows.map(({ rss }) => rss)]
  const stays = { heap: growth(heap, count / windows, 3), rss: growth(rss, count / windows, 3) }
  console.log(findingsText(whom, findings))
  console.log(`fuzz: bytes a request that stay: heap ${stays.heap.toFixed(0)}, all ${stays.rss.toFixed(0)}`)
  console.log(`fuzz: heap MB ${heap.map(mb).join(' ')}; all MB ${rss.map(mb).join(' ')}`)
  expect(findings.faults.slice(0, 5)).toEqual([])
  expect(findings.logged).toEqual([])
  expect(findings.sent).toBe(count)
  expect(stays.heap).toBeLessThan(mostHeap)
  expect(stays.rss).toBeLessThan(10_000)
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(0)
