// What is peculiar to Vultr.

import { startVultr, type VultrCloud } from '@spoq/workbench/stand-ins/vultr'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import type { MachineSpec, ProvisioningProvider } from '../provider.ts'
import { vultrProvider } from './index.ts'

let cloud: VultrCloud
let provider: ProvisioningProvider
const patience = { answerMs: 1_000, shutDownMs: 100, pollMs: 10, listLagMs: 60 }
const opened = (installation: string) =>
  vultrProvider({ key: cloud.token, url: cloud.url, installation, now: Date.now, patience })
beforeEach(async () => {
  cloud = await startVultr()
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
  region: 'fra',
  size: 'vc2-1c-1gb',
  ...more,
})
const state = async (ref: string) => (await provider.status(ref))?.state ?? null
const running = async () => {
  const { ref } = await provider.create(spec())
  await expect.poll(() => state(ref)).toBe('running')
  return ref
}
const instance = (ref: string) => {
  const found = cloud.instances.get(ref)
  if (!found) throw new Error(`no ${ref}`)
  return found
}
const sent = (request: RegExp) => cloud.requests.filter(one => request.test(one))

test('instances of others in the account are neither listed, nor powered, nor ended', async () => {
  const theirs = cloud.strange('web-1', ['web', `spoq-machine:${machine}`])
  const { ref } = await opened('another').create(spec())
  await expect.poll(() => opened('another').status(ref)).toMatchObject({ state: 'running' })
  expect(await provider.list()).toEqual([])
  expect(await provider.find(machine)).toEqual([])
  for (const other of [theirs, ref]) {
    expect(await provider.status(other)).toBeNull()
    await expect(provider.suspend(other)).rejects.toMatchObject({ kind: 'gone' })
    await provider.terminate(other)
  }
  expect(cloud.instances.size).toBe(2)
})

test('a label that another instance has says nothing: ours is ordered beside it', async () => {
  cloud.strange('spoq-mach-0000000000000001')
  await running()
  expect(cloud.ordered()).toBe(1)
  expect(cloud.instances.size).toBe(2)
})

test('creates one after the other order once, although the list does not show the instance yet', async () => {
  cloud.listLagMs = 50
  const [one, other] = await Promise.all([provider.create(spec()), provider.create(spec())])
  expect((await provider.create(spec())).ref).toBe(one.ref)
  expect(other.ref).toBe(one.ref)
  expect(cloud.ordered()).toBe(1)
})

test('a list of many pages is read to its end, by its cursors', async () => {
  for (let n = 0; n < 1_100; n++)
    cloud.strange(`more-${n}`, ['spoq-installation:ours', `spoq-machine:mach_${String(n).padStart(16, '0')}`])
  expect(await provider.list()).toHaveLength(1_100)
  expect(sent(/^GET \/instances$/)).toHaveLength(3)
})

test('active is not running: its system has to be there, and its lock away', async () => {
  const ref = cloud.strange('one', ['spoq-installation:ours', `spoq-machine:${machine}`])
  const is = async (...[status, power, server]: [string, string, string]) => {
    Object.assign(instance(ref), { status, power, server })
    return state(ref)
  }
  expect(await is('pending', 'running', 'none')).toBe('creating')
  expect(await is('active', 'running', 'none')).toBe('creating')
  expect(await is('active', 'stopped', 'installingbooting')).toBe('creating')
  expect(await is('active', 'running', 'installingbooting')).toBe('creating')
  expect(await is('active', 'running', 'locked')).toBe('creating')
  expect(await is('resizing', 'stopped', 'ok')).toBe('creating')
  expect(await is('active', 'running', 'ok')).toBe('running')
  expect(await is('active', 'stopped', 'ok')).toBe('stopped')
  expect(await is('active', 'stopped', 'none')).toBe('stopped')
  expect(await is('suspended', 'stopped', 'ok')).toBe('failed')
  expect(await provider.status(ref)).toMatchObject({ reason: 'Vultr has suspended it.' })
})

test('0.0.0.0 is no address', async () => {
  const { ref, addresses } = await provider.create(spec())
  expect(addresses).toEqual({})
  await expect.poll(async () => (await provider.status(ref))?.addresses?.v4).toMatch(/^203\.0\.113\./)
})

test('the set-up script goes along in base64, and no longer than others take it', async () => {
  const setUpScript = '#!/bin/sh\necho "ä"\n'
  const { ref } = await provider.create(spec({ setUpScript }))
  expect(instance(ref).userData).toBe(setUpScript)
  const long = spec({ machine: 'mach_0000000000000002', setUpScript: `#!/bin/sh\n# ${'ä'.repeat(32 * 1024)}` })
  await expect(provider.create(long)).rejects.toMatchObject({
    kind: 'refused',
    undone: true,
    message: expect.stringMatching(/65536/),
  })
  expect(cloud.ordered()).toBe(1)
})

test('the first password of root is kept nowhere', async () => {
  const made = await provider.create(spec())
  expect(JSON.stringify(made)).not.toContain('v5{Fkvb')
})

test('what runs is not started: that would take its power away', async () => {
  const ref = await running()
  await provider.resume(ref)
  await provider.create(spec())
  expect(sent(/start$/)).toEqual([])
  await provider.suspend(ref)
  for (let n = 0; n < 3; n++) await provider.resume(ref)
  expect(sent(/start$/)).toHaveLength(1)
  expect(cloud.restarts).toBe(0)
})

test('what is being made is ended once it is unlocked, by one request', async () => {
  const { ref } = await provider.create(spec())
  await Promise.all([provider.terminate(ref), provider.terminate(ref)])
  await expect.poll(() => state(ref)).toBe(null)
  expect(sent(/^DELETE \/instances/)).toHaveLength(1)
})

test('what stays locked is a retry, although Vultr answers with a fault', async () => {
  const ref = await running()
  instance(ref).server = 'locked'
  const error = { kind: 'retry', undone: true, message: expect.stringMatching(/currently locked/) }
  await expect(provider.terminate(ref)).rejects.toMatchObject(error)
  instance(ref).server = 'ok'
  await provider.terminate(ref)
  await expect.poll(() => state(ref)).toBe(null)
})

test('its snapshots end with it, one in the making too; those of others stay', async () => {
  const ref = await running()
  const other = await opened('another').create(spec())
  await expect.poll(() => opened('another').status(other.ref)).toMatchObject({ state: 'running' })
  await opened('another').snapshot?.(other.ref, 'one')
  await provider.snapshot?.(ref, 'one')
  await expect.poll(() => state(ref)).toBe('running')
  await provider.snapshot?.(ref, 'two')
  expect(cloud.snapshots.size).toBe(3)
  await provider.terminate(ref)
  expect([...cloud.snapshots.values()].map(({ description }) => description)).toEqual([`spoq/another/${machine}/one`])
})

test('a smaller plan is refused, and the instance runs on', async () => {
  const { ref } = await provider.create(spec({ size: 'vc2-1c-2gb' }))
  await expect.poll(() => state(ref)).toBe('running')
  await expect(provider.resize?.(ref, 'vc2-1c-1gb')).rejects.toMatchObject({ kind: 'refused' })
  expect(await state(ref)).toBe('running')
})

test('an instance that was off is off after it has been made larger, which starts it', async () => {
  const ref = await running()
  await provider.suspend(ref)
  await provider.resize?.(ref, 'vc2-1c-2gb')
  expect(await state(ref)).toBe('stopped')
  expect(instance(ref).plan).toBe('vc2-1c-2gb')
})

test('plans with a GPU or without IPv4 are neither offered nor ordered', async () => {
  const { sizes } = (await provider.catalog?.()) ?? { sizes: [] }
  expect(sizes.map(({ id }) => id)).toEqual(['vc2-1c-1gb', 'vc2-1c-2gb', 'vhf-8c-32gb'])
  expect(sizes.at(-1)).toMatchObject({
    diskGb: 512,
    prices: [{ region: 'ewr', centsMonthly: 19_200, currency: 'USD' }],
  })
  for (const size of ['vc2-1c-0.5gb-v6', 'vcg-a16-2c-8g'])
    await expect(provider.create(spec({ size, region: 'ewr' }))).rejects.toMatchObject({
      kind: 'refused',
      undone: true,
    })
  expect(cloud.ordered()).toBe(0)
})

test('an operating system that Vultr no longer has is told before anything is ordered', async () => {
  const options = { key: cloud.token, url: cloud.url, installation: 'ours', now: Date.now, patience }
  const older = vultrProvider({ ...options, os: 'Ubuntu 16.04 x64' })
  const error = { kind: 'refused', undone: true, message: 'Vultr no longer has Ubuntu 16.04 x64.' }
  await expect(older.create(spec())).rejects.toMatchObject(error)
  expect(cloud.ordered()).toBe(0)
})

test('a request from an address that is not in the list of the key says which', async () => {
  cloud.stranger = true
  const error = {
    kind: 'refused',
    undone: true,
    message: expect.stringMatching(/Unauthorized IP address: 203\.0\.113\.9.*VULTR_API_KEY/),
  }
  await expect(provider.list()).rejects.toMatchObject(error)
})

test('a reference that is no id asks for nothing', async () => {
  for (const ref of ['../account', '1', '', `${'a'.repeat(8)}?`, 'cb676a46-66fd-4dfb-b839-443f2e6c0b60/start']) {
    expect(await provider.status(ref)).toBeNull()
    await provider.terminate(ref)
  }
  expect(cloud.requests).toEqual([])
})
