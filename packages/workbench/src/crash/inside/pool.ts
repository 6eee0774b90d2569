// Machines that are made ahead, in the bench: two of them wait while two people ask at the same time, and in the end two wait
// again, each person has one, and there is nothing else.

import { key, nobody, otherKey, type World } from './world.ts'

/** What they are, how many there are to be and how old. A leap in time makes all of them too old. */
export const made = { form: 'v1', limits: { min: 2, max: 2 }, maxAgeMs: 1_800_000 }

const issuer = 'http://127.0.0.1:4100'

/** Puts them there as their making left them. */
export async function putWarm({ cloud, clock, database: { db } }: World): Promise<void> {
  for (let at = 0; at < made.limits.min; at++) {
    const id = `mach_${crypto.randomUUID().replaceAll('-', '')}`
    const { ref } = cloud.put(id, issuer)
    const now = new Date(clock.now())
    const row = { id, account_id: null, name: id, provider: 'local', template: 'spoq', wanted: 'running' } as const
    const state = { holds: '[]', state: 'provisioning', stage: 'warm', pool_form: made.form, issuer } as const
    const times = { create_sent_at: now, created_at: now, updated_at: now }
    await db
      .insertInto('machine')
      .values({ ...row, ...state, ...times, provider_ref: ref })
      .execute()
    const told = { at: now, actor: 'bench', action: 'pool.make', resource: id, to_state: 'provisioning' }
    await db.insertInto('audit_record').values(told).execute()
  }
}

/** Everything that is wrong with them and with who has them, as sentences. `asked`: whether both surely asked. */
export async function wrongPool({ cloud, database: { db } }: World, asked: boolean): Promise<string[]> {
  const rows = await db.selectFrom('machine').selectAll().orderBy('id').execute()
  const ready = rows.filter(row => row.account_id === null && row.stage === 'warm')
  const kept = rows.filter(row => row.wanted !== 'terminated').map(({ id }) => id)
  const there = cloud.all().flatMap(({ machine }) => (machine === nobody ? [] : machine))
  const owned = rows.flatMap(({ request_key }) => request_key ?? [])
  const missing = asked ? [key, otherKey].filter(one => !owned.includes(one)) : []
  const restless = rows.filter(row => row.account_id !== null && row.state !== row.wanted)
  return [
    ...(ready.length === made.limits.min ? [] : [`${ready.length} are ready, not ${made.limits.min}`]),
    ...(there.toSorted().join() === kept.join() ? [] : [`the provider has ${there.toSorted()}, not ${kept}`]),
    ...missing.map(one => `${one} has no machine`),
    ...restless.map(({ request_key, state }) => `that of ${request_key} is ${state}`),
  ]
}
