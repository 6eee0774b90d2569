// Machines that are made ahead, in the bench: two of them wait while two people ask at the same time, and in the end two wait
// again, each person has one which was told whose it is, and there is nothing else.

import type { ProvisioningProvider, Resource } from '@spoq/providers'
import { type MachineAccess, machineAccess } from '@spoq/server/access/tell'
import type { Tables } from '@spoq/server/db/tables'
import type { Kysely } from 'kysely'
import type { Gate } from './gate.ts'
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

/** The provider as one whose machines are on this very computer. */
export function near(provider: ProvisioningProvider): ProvisioningProvider {
  const socketOf = (machine: string) => `/run/${machine}/edge.sock`
  const nearby = <R extends Resource>(resource: R): R => ({ ...resource, socket: socketOf(resource.machine) })
  const find = async (machine: string) => (await provider.find(machine)).map(nearby)
  return { ...provider, socketOf, find, list: async () => (await provider.list()).map(nearby) }
}

/** Tells the Conductors of the world who may use them: each goes by the highest number. One that is gone does not answer. */
export const tellingOwners = (world: World, gate: Gate, db: Kysely<Tables>, now: () => number): MachineAccess =>
  machineAccess({
    db,
    now,
    revokedBy: async () => new Map(),
    profilesOf: async () => new Map(),
    messages: async () => new Map(),
    modelKeys: { versionsOf: async () => new Map(), openOf: async () => ({ versions: [], keys: [] }) },
    tokenFor: async () => 'token',
    send: ({ endpoint }, snapshot) =>
      gate.around('send', async () => {
        const machine = endpoint.split('/').at(-2) ?? ''
        if (!world.cloud.all().some(one => one.machine === machine && one.state === 'running')) throw new Error('gone')
        const held = world.told.get(machine)
        if (!held || snapshot.number > held.number) world.told.set(machine, snapshot)
        return Math.max(snapshot.number, held?.number ?? 0)
      }),
  })

/** Everything that is wrong with them and with who has them, as sentences. `asked`: whether both surely asked. */
export async function wrongPool({ cloud, told, database: { db } }: World, asked: boolean): Promise<string[]> {
  const rows = await db.selectFrom('machine').selectAll().orderBy('id').execute()
  const ready = rows.filter(row => row.account_id === null && row.stage === 'warm')
  const kept = rows.filter(row => row.wanted !== 'terminated').map(({ id }) => id)
  const there = cloud.all().flatMap(({ machine }) => (machine === nobody ? [] : machine))
  const owned = rows.flatMap(({ request_key }) => request_key ?? [])
  const missing = asked ? [key, otherKey].filter(one => !owned.includes(one)) : []
  const restless = rows.filter(row => row.account_id !== null && row.state !== row.wanted)
  const strangers = rows.filter(({ id, state, account_id }) => {
    const members = told.get(id)?.members ?? []
    return state === 'running' ? members.join() !== account_id : account_id === null && members.length > 0
  })
  return [
    ...strangers.map(({ id }) => `${id} goes by ${told.get(id)?.members} as its members`),
    ...(ready.length === made.limits.min ? [] : [`${ready.length} are ready, not ${made.limits.min}`]),
    ...(there.toSorted().join() === kept.join() ? [] : [`the provider has ${there.toSorted()}, not ${kept}`]),
    ...missing.map(one => `${one} has no machine`),
    ...restless.map(({ request_key, state }) => `that of ${request_key} is ${state}`),
  ]
}
