// What is peculiar to Hostinger.

import { type HostingerCloud, startHostinger } from '@spoq/workbench/stand-ins/hostinger'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import type { MachineSpec, ProvisioningProvider } from '../provider.ts'
import { hostingerProvider } from './index.ts'

let cloud: HostingerCloud
let provider: ProvisioningProvider
const patience = { answerMs: 1_000, shutDownMs: 200, pollMs: 10, listLagMs: 60_000 }
const opened = (installation: string) =>
  hostingerProvider({ key: cloud.key, url: cloud.url, installation, now: Date.now, patience })
beforeEach(async () => {
  cloud = await startHostinger()
  provider = opened('ours')
})
afterEach(async () => {
  expect(cloud.invalid).toEqual([])
  await cloud.stop()
})

const machine = 'mach_0000000000000001'
const setUpScript = '#!/bin/sh\necho "ä"\n'
const spec = (more: Partial<MachineSpec> = {}): MachineSpec => ({
  ...testSpec,
  machine,
  region: '19',
  size: 'hostingercom-vps-kvm2-usd-1m',
  ...more,
})
const running = async (wanted = spec()) => {
  const { ref } = await provider.create(wanted)
  await expect.poll(async () => (await provider.status(ref))?.state).toBe('running')
  return ref
}
const made = (ref: string) => cloud.servers.get(Number(ref))
const renews = (ref: string) => cloud.subscriptions.get(String(made(ref)?.subscription))?.renews
const asked = (match: RegExp) => cloud.requests.filter(request => match.test(request))
const disabled = /\/auto-renewal\/disable$/

test('servers of others in the account are neither listed, nor powered, nor ended', async () => {
  const names = ['srv1.hstgr.cloud', 'mach-1.elsewhere.spoq.internal', 'mach-1.ours.spoq.internal.example', 'web']
  const theirs = names.map(name => String(cloud.strange(name)))
  const { ref } = await opened('ours-2').create(spec())
  await expect.poll(() => made(ref)?.state).toBe('running')
  expect(await provider.list()).toEqual([])
  for (const other of [...theirs, ref]) {
    expect(await provider.status(other)).toBeNull()
    await expect(provider.suspend(other)).rejects.toMatchObject({ kind: 'gone' })
    await expect(provider.rotateCredentials?.(other)).rejects.toMatchObject({ kind: 'gone' })
    await provider.terminate(other)
    expect([made(other)?.installs, renews(other)]).toEqual([1, true])
  }
})

test('an installation whose name has capitals finds what it made', async () => {
  provider = opened('Ours')
  const ref = await running()
  expect(await provider.find(machine)).toMatchObject([{ ref }])
})

test('an order that got no answer is never known to be undone, and is left to a person', async () => {
  cloud.weather(/^POST .*virtual-machines$/, 'down')
  await expect(provider.create(spec())).rejects.toMatchObject({ kind: 'retry', undone: false })
  expect(provider.capabilities.afterLostCreate).toBe('person')
})

test('whatever fails before the order, it is certain that nothing was ordered', async () => {
  const steps = [/^GET .*virtual-machines$/, /templates$/, /^GET .*scripts$/, /^POST .*scripts$/]
  for (const step of steps)
    for (const weather of ['lost', 'half', 'hang', 'fault', 'down', 'busy'] as const) {
      cloud.weather(step, weather)
      await expect(provider.create(spec({ setUpScript }))).rejects.toMatchObject({ kind: 'retry', undone: true })
      for (const id of cloud.scripts.keys()) (cloud.scripts as Map<number, unknown>).delete(id)
    }
  expect([cloud.ordered(), asked(/^POST .*virtual-machines$/)]).toEqual([0, []])
})

test('an order that was taken and then failed is told, and not taken for undone', async () => {
  cloud.orderStatus = 'failed'
  await expect(provider.create(spec())).rejects.toMatchObject({
    kind: 'refused',
    undone: false,
    message: expect.stringMatching(/failed/),
  })
  cloud.orderStatus = 'pending'
  await expect(provider.create(spec())).rejects.toMatchObject({ kind: 'retry', undone: false })
})

test('a server that does not show its name yet is not bought twice', async () => {
  cloud.unnamedMs = 60_000
  const { ref } = await provider.create(spec())
  expect(await provider.list()).toEqual([])
  expect(await provider.create(spec())).toMatchObject({ ref, machine })
  Object.assign(made(ref) ?? {}, { namedAt: 0 })
  expect(await provider.find(machine)).toMatchObject([{ ref, machine }])
  expect(cloud.ordered()).toBe(1)
})

test('a server that is not to be seen yet is not bought twice', async () => {
  cloud.unseenMs = 60_000
  const { ref } = await provider.create(spec())
  await expect(provider.create(spec())).rejects.toMatchObject({ kind: 'retry', undone: false })
  Object.assign(made(ref) ?? {}, { seenAt: 0 })
  expect(await provider.create(spec())).toMatchObject({ ref })
  expect(cloud.ordered()).toBe(1)
})

test.each(['initial', 'suspended', 'recovery'])(
  '%s never ends by itself: a person is told, and nothing is ordered again',
  async state => {
    const ref = await running()
    cloud.put(Number(ref), state)
    expect(await provider.status(ref)).toMatchObject({
      state: 'creating',
      stuck: true,
      reason: expect.stringMatching(/hPanel/),
    })
    expect(await provider.create(spec())).toMatchObject({ ref, stuck: true })
    expect(cloud.ordered()).toBe(1)
  },
)

test('a server that was sold but not set up is ended without wiping what was never there', async () => {
  const ref = await running()
  cloud.put(Number(ref), 'initial')
  await provider.terminate(ref)
  expect(await provider.status(ref)).toMatchObject({ state: 'ending' })
  expect(made(ref)?.installs).toBe(1)
})

test('a server that cannot be wiped is cancelled all the same, and said not to be wiped', async () => {
  const ref = await running()
  cloud.put(Number(ref), 'suspended')
  await expect(provider.terminate(ref)).rejects.toMatchObject({ kind: 'refused' })
  expect(renews(ref)).toBe(false)
  expect((await provider.status(ref))?.state).not.toBe('ending')
})

test('what is ended is wiped, its script is gone, and its contract is cancelled once', async () => {
  const ref = await running(spec({ setUpScript }))
  expect(made(ref)).toMatchObject({ script: setUpScript, backups: false })
  cloud.strangeScript('theirs')
  await provider.terminate(ref)
  await provider.terminate(ref)
  await expect.poll(() => made(ref)?.state).toBe('running')
  await provider.terminate(ref)
  expect(made(ref)).toMatchObject({ installs: 2, script: undefined, template: 1_040 })
  expect([...cloud.scripts.values()].map(({ name }) => name)).toEqual(['theirs'])
  expect(asked(disabled)).toHaveLength(1)
  expect(await provider.status(ref)).toMatchObject({
    state: 'ending',
    endsAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  })
})

const steps = [/subscriptions$/, disabled, /^GET .*scripts$/, /^DELETE .*scripts/, /templates$/, /recreate$/]
const weathers = ['lost', 'half', 'hang', 'fault', 'down', 'busy'] as const
test.each(steps.flatMap(step => weathers.map(weather => [step, weather] as const)))(
  'an ending that is cut at %s (%s) is finished by the next ones',
  async (step, weather) => {
    const ref = await running(spec({ setUpScript }))
    cloud.weather(step, weather)
    for (let tries = 0; tries < 3 && (await provider.status(ref))?.state !== 'ending'; tries++)
      await provider.terminate(ref).catch(error => expect(error).toMatchObject({ kind: 'retry' }))
    expect(await provider.status(ref)).toMatchObject({ state: 'ending' })
    expect([made(ref)?.installs, renews(ref), cloud.scripts.size]).toEqual([2, false, 0])
  },
)

test('a server that is still being made is cancelled at once, and wiped when it is made', async () => {
  const { ref } = await provider.create(spec())
  cloud.put(Number(ref), 'creating')
  await expect(provider.terminate(ref)).rejects.toMatchObject({ kind: 'retry' })
  expect([renews(ref), made(ref)?.installs]).toEqual([false, 1])
  cloud.put(Number(ref), 'running')
  await provider.terminate(ref)
  expect(await provider.status(ref)).toMatchObject({ state: 'ending' })
  expect(made(ref)?.installs).toBe(2)
})

test('a server that was wiped but is renewed is not taken over, and can be ended', async () => {
  const ref = await running()
  await provider.terminate(ref)
  await expect.poll(() => made(ref)?.state).toBe('running')
  Object.assign(cloud.subscriptions.get(String(made(ref)?.subscription)) ?? {}, { renews: true })
  expect(await provider.find(machine)).toMatchObject([{ ref, state: 'failed' }])
  expect((await opened('ours').create(spec())).ref).not.toBe(ref)
  await provider.terminate(ref)
  expect(await provider.status(ref)).toMatchObject({ state: 'ending' })
  expect(made(ref)?.installs).toBe(2)
})

test('a contract that is not listed is no contract that has ended, while a server is being made', async () => {
  const ref = await running()
  cloud.put(Number(ref), 'initial')
  const contracts = cloud.subscriptions as Map<string, unknown>
  contracts.clear()
  expect(await provider.status(ref)).toMatchObject({ state: 'creating', stuck: true })
})

test('a set-up script that is too long is refused before anything is kept or ordered', async () => {
  const error = await provider.create(spec({ setUpScript: `#!/bin/sh\n${'x'.repeat(48_000)}` })).catch(thrown => thrown)
  expect(error).toMatchObject({ kind: 'refused', undone: true, message: expect.stringMatching(/Hostinger takes/) })
  expect(asked(/^POST/)).toEqual([])
})

test('a script is kept once, wherever in the list it stands, and does not stay when the order is refused', async () => {
  for (let n = 0; n < 60; n++) cloud.strangeScript(`theirs-${n}`)
  cloud.weather(/^POST .*scripts$/, 'lost')
  await expect(provider.create(spec({ setUpScript }))).rejects.toMatchObject({ kind: 'retry', undone: true })
  expect(cloud.scripts.size).toBe(61)
  await expect(provider.create(spec({ setUpScript, region: '404' }))).rejects.toMatchObject({ kind: 'refused' })
  expect(cloud.scripts.size).toBe(60)
  expect(asked(/^PUT .*scripts/)).toHaveLength(1)
})

test('the password of root is changed and told to nobody', async () => {
  const ref = await running()
  expect(await provider.rotateCredentials?.(ref)).toBeUndefined()
  expect(cloud.passwords).toHaveLength(1)
})

test('a server that is locked is waited for', async () => {
  const { ref } = await provider.create(spec())
  await provider.suspend(ref)
  expect(await provider.status(ref)).toMatchObject({ state: 'stopped' })
})

test('a server that was destroyed is not there any more', async () => {
  const ref = await running()
  cloud.put(Number(ref), 'destroyed')
  expect([await provider.status(ref), await provider.list()]).toEqual([null, []])
})

test('what is sold by the month is offered at its full price, where it is known what it has', async () => {
  const { regions, sizes } = (await provider.catalog?.()) ?? { regions: [], sizes: [] }
  expect(regions).toContainEqual({ id: '19', name: 'Frankfurt', country: 'DE' })
  expect(sizes.map(({ id }) => id)).toEqual(['hostingercom-vps-kvm1-usd-1m', 'hostingercom-vps-kvm2-usd-1m'])
  expect(sizes[1]?.prices[0]).toEqual({ region: '19', centsMonthly: 1_799, currency: 'USD' })
})

test('a reference that is no number asks for nothing', async () => {
  for (const ref of ['../templates', '1?x=y', '', '1/stop']) expect(await provider.status(ref)).toBeNull()
  expect(cloud.requests).toEqual([])
})
