// A hundred people sign up at the same time where twenty machines are ready: nobody gets another's, nobody is turned away,
// and in the end five are ready again.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet, whyNoFleet } from './fleet.ts'

const why = whyNoFleet()
if (why) console.log(`skipped: ${why}`)
const many = 100

describe.skipIf(why !== null)(`${many} sign-ups at once`, () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({ POOL_MIN: '20', POOL_MAX: '20' })
  }, 300_000)
  afterAll(() => fleet?.stop(), 180_000)

  test('each has a machine that answers, and five are ready again', async () => {
    await expect.poll(async () => (await fleet.warm()).length, { timeout: 120_000, interval: 500 }).toBe(20)
    const ready = new Set(await fleet.warm())
    const begun = Date.now()
    const people = Array.from({ length: many }, (_, at) => fleet.person(at + 1))
    const came = await Promise.all(
      people.map(async person => {
        await person.signUp()
        const asked = Date.now()
        const { id } = await person.provision()
        await person.running(id)
        expect(await person.firstToken(id)).toMatch(/^\[demo/)
        const now = Date.now()
        await person.close()
        return { id, wasReady: ready.has(id), seconds: (now - begun) / 1_000, sinceAsked: (now - asked) / 1_000 }
      }),
    )
    expect(new Set(came.map(({ id }) => id)).size).toBe(many)
    expect(came.filter(({ wasReady }) => wasReady)).toHaveLength(ready.size)
    console.log(`from sign-up to the first token: ${shares(came.map(({ seconds }) => seconds))}`)
    for (const wasReady of [true, false]) {
      const those = came.filter(one => one.wasReady === wasReady).map(({ sinceAsked }) => sinceAsked)
      console.log(
        `of ${those.length} that were ${wasReady ? 'ready' : 'made for it'}, since they were asked for: ${shares(those)}`,
      )
    }
    const owners = await fleet.database.query<{ count: number }>(
      `SELECT count(DISTINCT account_id)::int AS count FROM machine WHERE account_id IS NOT NULL AND state = 'running'`,
    )
    expect(owners).toEqual([{ count: many }])
    await fleet.admin.send('PUT', '/api/admin/pool', { min: 5 })
    await expect.poll(async () => (await fleet.warm()).length, { timeout: 150_000, interval: 1_000 }).toBe(5)
    await expect.poll(() => fleet.containers().size, { timeout: 60_000, interval: 1_000 }).toBe(many + 5)
    expect(fleet.complaints.filter(line => line.includes('"level":"error"'))).toEqual([])
  }, 400_000)
})

/** The times that half, all but five and all but one of a hundred did not pass. */
function shares(seconds: number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]?.toFixed(1)
  return `p50 ${at(0.5)} s, p95 ${at(0.95)} s, p99 ${at(0.99)} s`
}
