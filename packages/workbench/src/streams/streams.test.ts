import { expect, test } from 'vitest'
import { deliver, percentile } from './streams.ts'

test('200 clients that replay one session at once get all of it, in order', async () => {
  const { whole, events } = await deliver({ readers: 200, pieces: 500, paceMs: 10, live: false })
  console.log(`200 replays of ${events} events: ${whole} whole`)
  expect(whole).toBe(200)
})

test('1,000 live streams on one Conductor lose nothing', { timeout: 180_000 }, async () => {
  for (const readers of [100, 1_000]) {
    const { whole, lags, events } = await deliver({ readers, pieces: 30, paceMs: 300, live: true })
    const [p50, p99] = [percentile(lags, 50), percentile(lags, 99)]
    console.log(`${readers} live streams of ${events} events: lag p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`)
    expect(whole).toBe(readers)
    expect(lags.length).toBeGreaterThan(readers)
  }
})
