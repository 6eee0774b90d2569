// What is peculiar to DigitalOcean.

import { type DigitalOceanCloud, startDigitalOcean } from '@spoq/workbench/stand-ins/digitalocean'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import type { MachineSpec, ProvisioningProvider } from '../provider.ts'
import { digitaloceanProvider } from './index.ts'

let cloud: DigitalOceanCloud
let provider: ProvisioningProvider
const patience = { answerMs: 1_000, shutDownMs: 100, pollMs: 10, listLagMs: 60 }
const opened = (installation: string) =>
  digitaloceanProvider({ token: cloud.token, url: cloud.url, installation, now: Date.now, patience })
beforeEach(async () => {
  cloud = await startDigitalOcean()
  provider = opened('ours')
})
afterEach(async () => {
  expect(cloud.invalid).toEqual([])
  await cloud.stop()
})

const machine = 'mach_0000000000000001'
const spec = (more: Partial<MachineSpec> = {}): MachineSpec => ({
  ...testSpec,
  machine,
  region: 'fra1',
  size: 's-1vcpu-1gb',
  ...more,
})
const state = async (ref: string) => (await provider.status(ref))?.state ?? null
const running = async () => {
  const { ref } = await provider.create(spec())
  await expect.poll(() => state(ref)).toBe('running')
  return ref
}
const actions = () => cloud.requests.filter(request => /^POST .*\/actions$/.test(request))

test('droplets of others in the account are neither listed, nor powered, nor ended', async () => {
  const theirs = String(cloud.strange('web-1', ['web', `spoq-machine:${machine}`]))
  const { ref } = await opened('another').create(spec())
  expect(await provider.list()).toEqual([])
  expect(await provider.find(machine)).toEqual([])
  for (const other of [theirs, ref]) {
    expect(await provider.status(other)).toBeNull()
    await expect(provider.suspend(other)).rejects.toMatchObject({ kind: 'gone' })
    await provider.terminate(other)
  }
  expect(cloud.droplets.size).toBe(2)
})

test('a name that another droplet has says nothing: ours is ordered beside it', async () => {
  cloud.strange('spoq-mach-0000000000000001')
  await running()
  expect(cloud.ordered()).toBe(1)
  expect(cloud.droplets.size).toBe(2)
})

test('an installation that differs from another in case alone would share its tags, and is not taken', () => {
  expect(() => opened('Ours')).toThrow('Ours: a-z, 0-9 and dashes')
})

test('creates one after the other order once, although the list does not show the droplet yet', async () => {
  cloud.listLagMs = 50
  const [one, other] = await Promise.all([provider.create(spec()), provider.create(spec())])
  expect(await provider.find(machine)).toEqual([])
  expect((await provider.create(spec())).ref).toBe(one.ref)
  expect(other.ref).toBe(one.ref)
  expect(cloud.ordered()).toBe(1)
})

test('what was destroyed is ordered again, however short ago it was ordered', async () => {
  const ref = await running()
  await provider.terminate(ref)
  await expect.poll(() => state(ref)).toBe(null)
  expect((await provider.create(spec())).ref).not.toBe(ref)
})

test('a list of many pages is read to its end', async () => {
  for (let n = 0; n < 450; n++)
    cloud.strange(`more-${n}`, ['spoq-installation:ours', `spoq-machine:mach_${String(n).padStart(16, '0')}`])
  expect(await provider.list()).toHaveLength(450)
})

test('the limit of droplets is told in words that help', async () => {
  cloud.limit = 0
  const refused = { kind: 'refused', undone: true, message: expect.stringMatching(/limit of droplets is reached/) }
  await expect(provider.create(spec())).rejects.toMatchObject(refused)
})

test('a token that may not read tags is told once, with the droplet that it made', async () => {
  cloud.blind = true
  const error = await provider.create(spec()).catch((thrown: unknown) => thrown)
  const [ref] = cloud.droplets.keys()
  expect(error).toMatchObject({ kind: 'refused', undone: false, message: expect.stringContaining(`droplet ${ref}`) })
})

test('what is asked for while an action runs waits for its end', async () => {
  const ref = await running()
  const suspended = provider.suspend(ref)
  const another = opened('ours')
  await expect.poll(actions).toHaveLength(1)
  await another.resume(ref)
  await suspended.catch(() => {})
  await expect.poll(() => state(ref)).toBe('running')
})

test('a system that does not end loses its power, once nobody is asking it any more', async () => {
  const ref = await running()
  cloud.deaf = true
  await provider.suspend(ref)
  expect(await state(ref)).toBe('stopped')
  expect(actions()).toHaveLength(2)
})

test('a droplet that is still being made is ended, by one request that is not refused', async () => {
  const { ref } = await provider.create(spec())
  await Promise.all([provider.terminate(ref), provider.terminate(ref)])
  await expect.poll(() => state(ref)).toBe(null)
  expect(cloud.requests.filter(request => request === `DELETE /v2/droplets/${ref}`)).toHaveLength(1)
})

test('its snapshots end with it, one in the making too; those that a person made stay', async () => {
  const ref = await running()
  await provider.snapshot?.(ref, 'one')
  await expect.poll(() => provider.snapshots?.(ref)).toHaveLength(1)
  const body = JSON.stringify({ type: 'snapshot', name: 'by hand' })
  const headers = { authorization: `Bearer ${cloud.token}`, 'content-type': 'application/json' }
  await fetch(`${cloud.url}/v2/droplets/${ref}/actions`, { method: 'POST', headers, body })
  await provider.snapshot?.(ref, 'two')
  expect(await provider.snapshots?.(ref)).toHaveLength(1)
  await provider.terminate(ref)
  expect([...cloud.snapshots.values()].map(({ name }) => name)).toEqual(['by hand'])
})

test('a snapshot whose answer was lost is not made twice', async () => {
  const ref = await running()
  cloud.weather(/^POST .*\/actions$/, 'lost')
  await expect(provider.snapshot?.(ref, 'one')).rejects.toMatchObject({ kind: 'retry' })
  expect(await provider.snapshot?.(ref, 'one')).toEqual({ ref: 'one', state: 'ready' })
  expect(cloud.snapshots.size).toBe(1)
})

test('a smaller disk is refused, and the droplet runs on', async () => {
  const { ref } = await provider.create(spec({ size: 's-1vcpu-2gb' }))
  await expect.poll(() => state(ref)).toBe('running')
  await expect(provider.resize?.(ref, 's-1vcpu-1gb')).rejects.toMatchObject({ kind: 'refused' })
  await expect.poll(() => state(ref)).toBe('running')
})

test('a droplet that was off is off after it has been made larger', async () => {
  const ref = await running()
  await provider.suspend(ref)
  await provider.resize?.(ref, 's-1vcpu-2gb')
  expect(await state(ref)).toBe('stopped')
  expect(cloud.droplets.get(Number(ref))?.size).toBe('s-1vcpu-2gb')
})

test('the hourly limit tells its pause by another header', async () => {
  cloud.spent = true
  cloud.weather(/^POST/, 'busy')
  const error = await provider.create(spec()).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ kind: 'retry', undone: true })
  expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(595_000)
})

test('its address is the public one, and it has none before it is active', async () => {
  const { ref, addresses } = await provider.create(spec())
  expect(addresses).toEqual({})
  await expect.poll(async () => (await provider.status(ref))?.addresses?.v4).toMatch(/^203\.0\.113\./)
})

test('sizes with a GPU are neither offered nor ordered: the list of droplets would not show them', async () => {
  const { sizes, regions } = (await provider.catalog?.()) ?? { sizes: [], regions: [] }
  expect(sizes.map(({ id }) => id)).toEqual(['s-1vcpu-1gb', 's-1vcpu-2gb', 's-2vcpu-4gb'])
  expect(regions.map(({ id }) => id)).toEqual(['nyc3', 'fra1'])
  const gpu = spec({ size: 'gpu-h100x1-80gb', region: 'nyc3' })
  await expect(provider.create(gpu)).rejects.toMatchObject({ kind: 'refused', undone: true })
  expect(cloud.ordered()).toBe(0)
})

test('prices are whole cents, rounded up, at places that take new droplets', async () => {
  const { sizes } = (await provider.catalog?.()) ?? { sizes: [] }
  const cents = sizes.map(({ prices }) => prices.map(({ region, centsMonthly }) => [region, centsMonthly]))
  expect(cents).toEqual([
    [
      ['nyc3', 600],
      ['fra1', 600],
    ],
    [
      ['nyc3', 1230],
      ['fra1', 1230],
    ],
    [['nyc3', 110]],
  ])
})

test('a reference that is no number asks for nothing', async () => {
  for (const ref of ['../account', '1?x=y', '', '0', '-1', '1/actions']) {
    expect(await provider.status(ref)).toBeNull()
    await provider.terminate(ref)
  }
  expect(cloud.requests).toEqual([])
})

test('the set-up script goes along as it is, up to 64 KiB of bytes', async () => {
  const setUpScript = '#!/bin/sh\necho "ä"\n'
  const { ref } = await provider.create(spec({ setUpScript }))
  expect(cloud.droplets.get(Number(ref))?.userData).toBe(setUpScript)
  const long = spec({ machine: 'mach_0000000000000002', setUpScript: `#!/bin/sh\n# ${'ä'.repeat(32 * 1024)}` })
  await expect(provider.create(long)).rejects.toMatchObject({
    kind: 'refused',
    undone: true,
    message: expect.stringMatching(/65536/),
  })
  expect(cloud.ordered()).toBe(1)
})

test('the password of root is changed and told to nobody', async () => {
  const ref = await running()
  expect(await provider.rotateCredentials?.(ref)).toBeUndefined()
  expect(actions()).toHaveLength(1)
})

test('machines that share files by torrent are not for here', () => {
  expect(provider.capabilities.workloads).toEqual(['general'])
})
