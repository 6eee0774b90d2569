import { setImmediate as later } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { creatingOnce } from './create-once.ts'

const listLagMs = 100
const spec = (machine: string): MachineSpec => ({ machine, name: '', owner: '', issuer: '', jwksUrl: '' })

/** A provider in memory, whose list lags as long as it may, and whose orders meet a fate each. */
function world(fates: readonly ('answered' | 'lost' | 'unsent')[]) {
  let time = 0
  let orders = 0
  const servers: (Resource & { at: number })[] = []
  const create = creatingOnce({
    find: async machine => {
      await later()
      return servers.filter(one => one.machine === machine && time >= one.at + listLagMs)
    },
    look: async ref => servers.find(one => one.ref === ref) ?? null,
    resume: async ref => {
      for (const one of servers) if (one.ref === ref) one.state = 'running'
    },
    order: async ({ machine }) => {
      const fate = fates[orders++] ?? 'answered'
      await later()
      if (fate === 'unsent') throw new ProviderError('retry', 'unsent', { undone: true })
      const made = { ref: String(orders), machine, state: 'running', endpoint: null, at: time } as const
      servers.push({ ...made })
      if (fate === 'lost') throw new ProviderError('retry', 'lost')
      return made
    },
    listLagMs,
    now: () => time,
  })
  return { create, servers, pass: (ms: number) => (time += ms) }
}

/** Catches: creates that overlap, an order that is forgotten (answered or not) before the list must show it. */
test('whatever is lost and whoever asks how often, there is never a second server for a machine', async () => {
  const fate = fc.constantFrom('answered', 'lost', 'unsent' as const)
  const step = fc.oneof(
    fc.record({ machines: fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 }) }),
    fc.record({ ms: fc.constantFrom(1, 50, 99, 100) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 6 }), fc.array(step, { maxLength: 8 }), async (fates, steps) => {
      const { create, servers, pass } = world(fates)
      for (const one of steps)
        if ('ms' in one) pass(one.ms)
        else await Promise.allSettled(one.machines.map(machine => create(spec(machine))))
      for (const machine of ['a', 'b'])
        expect(servers.filter(server => server.machine === machine).length).toBeLessThanOrEqual(1)
    }),
  )
})

test('what was never sent is ordered again at once; what may have been is asked for later', async () => {
  const { create, pass } = world(['unsent', 'lost'])
  await expect(create(spec('a'))).rejects.toMatchObject({ undone: true })
  await expect(create(spec('a'))).rejects.toMatchObject({ undone: false })
  pass(40)
  await expect(create(spec('a'))).rejects.toMatchObject({ kind: 'retry', undone: false, retryAfterMs: 60 })
  pass(60)
  expect(await create(spec('a'))).toMatchObject({ ref: '2' })
})

test('one that is stopped is started, one that is ending is not taken over', async () => {
  const { create, servers, pass } = world([])
  const { ref } = await create(spec('a'))
  pass(listLagMs)
  for (const one of servers) one.state = 'stopped'
  expect(await create(spec('a'))).toMatchObject({ ref, state: 'creating' })
  expect(servers[0]?.state).toBe('running')
  for (const one of servers) one.state = 'ending'
  expect((await create(spec('a'))).ref).not.toBe(ref)
})

test('one that is ending is not taken over before the list shows it either', async () => {
  const { create, servers } = world([])
  const { ref } = await create(spec('a'))
  for (const one of servers) one.state = 'ending'
  expect((await create(spec('a'))).ref).not.toBe(ref)
})
