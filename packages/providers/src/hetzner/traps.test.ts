// What is peculiar to Hetzner.

import { type HetznerCloud, startHetzner } from '@spoq/workbench/stand-ins/hetzner'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import type { MachineSpec, ProvisioningProvider } from '../provider.ts'
import { hetznerProvider } from './index.ts'

let cloud: HetznerCloud
let provider: ProvisioningProvider
const patience = { answerMs: 1_000, shutDownMs: 60, pollMs: 10, listLagMs: 0 }
const opened = (installation: string) =>
  hetznerProvider({ token: cloud.token, url: cloud.url, installation, now: Date.now, patience })
beforeEach(async () => {
  cloud = await startHetzner()
  provider = opened('ours')
})
afterEach(async () => {
  expect(cloud.invalid).toEqual([])
  await cloud.stop()
})

const spec = (machine: string): MachineSpec => ({
  ...testSpec,
  machine,
  region: 'nbg1',
  size: 'cx23',
})

test('servers of others in the project are neither listed, nor powered, nor ended', async () => {
  const theirs = String(cloud.strange('web-1'))
  const { ref } = await opened('another').create(spec('mach_0000000000000001'))
  expect(await provider.list()).toEqual([])
  for (const other of [theirs, ref]) {
    expect(await provider.status(other)).toBeNull()
    await expect(provider.suspend(other)).rejects.toMatchObject({ kind: 'gone' })
    await provider.terminate(other)
  }
  expect(cloud.servers.size).toBe(2)
})

test('a key that is refused is not tried again: there is no other one', async () => {
  const wrong = hetznerProvider({ token: 'wrong', url: cloud.url, installation: 'ours', now: Date.now, patience })
  await expect(wrong.list()).rejects.toMatchObject({ kind: 'refused' })
  expect(cloud.requests).toHaveLength(1)
})

test('a name that another server has is refused, and told', async () => {
  cloud.strange('spoq-mach-0000000000000001')
  await expect(provider.create(spec('mach_0000000000000001'))).rejects.toMatchObject({
    kind: 'refused',
    message: 'At Hetzner another server has the name spoq-mach-0000000000000001.',
  })
})

test('a list of many pages is read to its end', async () => {
  for (let n = 0; n < 120; n++)
    cloud.strange(`more-${n}`, { 'spoq-installation': 'ours', 'spoq-machine': `mach_${String(n).padStart(16, '0')}` })
  expect(await provider.list()).toHaveLength(120)
})

test('the limit of servers is told in words that help', async () => {
  cloud.limit = 0
  await expect(provider.create(spec('mach_0000000000000001'))).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/limit of servers is reached/),
  })
})

test('a server that is still being deleted is neither gone nor deleted twice', async () => {
  await cloud.stop()
  cloud = await startHetzner({ stepMs: 1_000 })
  provider = opened('ours')
  const { ref } = await provider.create(spec('mach_0000000000000001'))
  await provider.terminate(ref)
  expect(await provider.status(ref)).toMatchObject({ state: 'creating' })
  await provider.terminate(ref)
  expect(cloud.requests.filter(request => request === `DELETE /servers/${ref}`)).toHaveLength(1)
})

test('types for other processors are not offered, nor places where a type cannot be had', async () => {
  const { sizes } = (await provider.catalog?.()) ?? { sizes: [] }
  expect(sizes.map(({ id }) => id)).toEqual(['cx23', 'cx33', 'cpx11'])
  expect(sizes[0]?.prices).toEqual([
    { region: 'fsn1', centsMonthly: 416, currency: 'EUR' },
    { region: 'nbg1', centsMonthly: 416, currency: 'EUR' },
  ])
})

test('a reference that is no number asks for nothing', async () => {
  for (const ref of ['../ssh_keys/1', '1?x=y', '']) expect(await provider.status(ref)).toBeNull()
  expect(cloud.requests).toEqual([])
})

test('the set-up script goes along as it is', async () => {
  const setUpScript = '#!/bin/sh\necho "ä"\n'
  const { ref } = await provider.create({ ...spec('mach_0000000000000001'), setUpScript })
  expect(cloud.servers.get(Number(ref))?.userData).toBe(setUpScript)
})

test('the password of root is changed and told to nobody', async () => {
  const { ref } = await provider.create(spec('mach_0000000000000001'))
  await expect.poll(async () => (await provider.status(ref))?.state).toBe('running')
  expect(await provider.rotateCredentials?.(ref)).toBeUndefined()
})

test('a size that is refused leaves it running', async () => {
  const { ref } = await provider.create(spec('mach_0000000000000001'))
  await expect.poll(async () => (await provider.status(ref))?.state).toBe('running')
  await expect(provider.resize?.(ref, 'nothing')).rejects.toMatchObject({ kind: 'refused' })
  await expect.poll(async () => (await provider.status(ref))?.state).toBe('running')
})
