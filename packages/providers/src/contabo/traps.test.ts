// What is peculiar to Contabo.

import { type ContaboCloud, startContabo } from '@spoq/workbench/stand-ins/contabo'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import type { MachineSpec, ProvisioningProvider } from '../provider.ts'
import { contaboProvider } from './index.ts'

let cloud: ContaboCloud
let provider: ProvisioningProvider
let passedMs: number
const patience = { answerMs: 1_000, shutDownMs: 200, pollMs: 10, listLagMs: 0 }
const opened = (installation: string) => {
  const now = () => Date.now() + passedMs
  return contaboProvider({ ...cloud.key, url: cloud.url, authUrl: cloud.url, installation, now, patience })
}
const started = async (options = {}) => {
  cloud = await startContabo(options)
  provider = opened('ours')
}
beforeEach(async () => {
  passedMs = 0
  await started()
})
afterEach(async () => {
  expect(cloud.invalid).toEqual([])
  await cloud.stop()
})

const machine = 'mach_0000000000000001'
const spec = (more: Partial<MachineSpec> = {}): MachineSpec => ({
  ...testSpec,
  machine,
  region: 'EU',
  size: 'V91',
  ...more,
})
const running = async (wanted = spec()) => {
  const { ref } = await provider.create(wanted)
  await expect.poll(async () => (await provider.status(ref))?.state).toBe('running')
  return ref
}
const made = (ref: string) => cloud.instances.get(Number(ref))
const asked = (match: RegExp) => cloud.requests.filter(request => match.test(request))

describe('the token', () => {
  test('is asked for once by calls at once, and kept', async () => {
    await Promise.all([provider.list(), provider.list(), provider.list()])
    await provider.list()
    expect(cloud.tokens()).toBe(1)
  })

  test('is renewed shortly before its end', async () => {
    await provider.list()
    passedMs = 269_000
    await provider.list()
    expect(cloud.tokens()).toBe(1)
    passedMs = 271_000
    await Promise.all([provider.list(), provider.list()])
    expect(cloud.tokens()).toBe(2)
  })

  test('that is no longer taken is renewed once, for all calls at once', async () => {
    await provider.list()
    cloud.revoke()
    await Promise.all([provider.list(), provider.list(), provider.list()])
    expect(cloud.tokens()).toBe(2)
  })

  test('that is never taken is an error, not a loop', async () => {
    await cloud.stop()
    await started({ tokenSeconds: 0 })
    await expect(provider.list()).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/CONTABO_API_PASSWORD/),
    })
    expect(cloud.tokens()).toBe(2)
  })

  test('is asked for again after a failure, and nothing was done meanwhile', async () => {
    for (const weather of ['lost', 'half', 'hang', 'fault', 'down', 'busy'] as const) {
      cloud.weather(/\/token$/, weather)
      await expect(provider.create(spec())).rejects.toMatchObject({ kind: 'retry', undone: true })
      expect(cloud.ordered()).toBe(0)
    }
    await provider.create(spec())
  })

  test('is no reason to think that a server is gone, where its address is wrong', async () => {
    const authUrl = `${cloud.url}/elsewhere`
    const lost = contaboProvider({
      ...cloud.key,
      url: cloud.url,
      authUrl,
      installation: 'ours',
      now: Date.now,
      patience,
    })
    await expect(lost.status('200001')).rejects.toMatchObject({ kind: 'refused', undone: true })
  })
})

test('servers of others in the account are neither listed, nor powered, nor ended', async () => {
  const theirs = ['web-1', `spoq-ours-2-${machine}`, `spoq-ours-${machine}-copy`, 'spoq-ours-', ''].map(name =>
    String(cloud.strange(name)),
  )
  const { ref } = await opened('ours-3').create(spec())
  await expect.poll(() => made(ref)?.status).toBe('running')
  expect(await provider.list()).toEqual([])
  for (const other of [...theirs, ref]) {
    expect(await provider.status(other)).toBeNull()
    await expect(provider.suspend(other)).rejects.toMatchObject({ kind: 'gone' })
    await expect(provider.rotateCredentials?.(other)).rejects.toMatchObject({ kind: 'gone' })
    await provider.terminate(other)
  }
  expect([...cloud.instances.values()].map(({ installs, cancelDate }) => [installs, cancelDate])).toEqual(
    Array(6).fill([1, '']),
  )
})

test('a list of many pages is read to its end', async () => {
  for (let n = 0; n < 220; n++) cloud.strange(`spoq-ours-mach_${String(n).padStart(16, '0')}`)
  expect(await provider.list()).toHaveLength(220)
})

test.each(['manual_provisioning', 'verification_required', 'pending_payment', 'product_not_available'])(
  '%s never ends by itself: a person is told, nothing is ordered again, and it can be ended',
  async status => {
    cloud.comesTo = status
    const { ref } = await provider.create(spec())
    await expect
      .poll(() => provider.status(ref))
      .toMatchObject({ state: 'creating', stuck: true, reason: expect.stringMatching(/Contabo/) })
    expect(await provider.create(spec())).toMatchObject({ ref, stuck: true })
    expect(cloud.ordered()).toBe(1)
    await provider.terminate(ref)
    expect(await provider.status(ref)).toMatchObject({ state: 'ending' })
    expect(asked(/^PUT/)).toEqual([])
  },
)

test('a server that could not be installed says why', async () => {
  cloud.comesTo = 'error'
  const { ref } = await provider.create(spec())
  await expect.poll(() => provider.status(ref)).toMatchObject({ state: 'failed', reason: 'no space on the host' })
  expect(await provider.create(spec())).toMatchObject({ ref })
})

test('a server that a person cancelled goes on until its end, which is told', async () => {
  const ref = await running()
  Object.assign(made(ref) ?? {}, { cancelDate: '2027-01-31' })
  expect(await provider.status(ref)).toMatchObject({ state: 'running', endsAt: '2027-01-31T00:00:00.000Z' })
  await provider.terminate(ref)
  expect(await provider.status(ref)).toMatchObject({ state: 'ending', endsAt: '2027-01-31T00:00:00.000Z' })
  expect([made(ref)?.installs, asked(/\/cancel$/)]).toEqual([2, []])
})

test('what is ended has lost its files, its snapshots and its script, is powered off and is cancelled once', async () => {
  const ref = await running(spec({ setUpScript: '#!/bin/sh\necho secret\n' }))
  await provider.snapshot?.(ref, 'one')
  await provider.terminate(ref)
  await provider.terminate(ref)
  expect(made(ref)).toMatchObject({
    installs: 2,
    snapshots: [],
    userData: '#cloud-config\n{"power_state":{"mode":"poweroff"}}\n',
    displayName: `spoq-ours-${machine}-wiped`,
  })
  expect(asked(/\/cancel$/)).toHaveLength(1)
})

const steps = [/^GET .*\/snapshots$/, /^DELETE .*\/snapshots/, /images$/, /^PUT/, /^PATCH/, /\/cancel$/]
const weathers = ['lost', 'half', 'hang', 'fault', 'down', 'busy'] as const
test.each(steps.flatMap(step => weathers.map(weather => [step, weather] as const)))(
  'an ending that is cut at %s (%s) is finished by the next ones, cancelled once',
  async (step, weather) => {
    const ref = await running()
    await provider.snapshot?.(ref, 'one')
    cloud.weather(step, weather)
    await provider.terminate(ref).catch(error => expect(error).toMatchObject({ kind: 'retry' }))
    await expect
      .poll(async () => {
        await provider.terminate(ref).catch(error => expect(error).toMatchObject({ kind: 'retry' }))
        return (await provider.status(ref))?.state
      })
      .toBe('ending')
    expect(made(ref)?.snapshots).toEqual([])
    expect(made(ref)?.installs).toBeGreaterThan(1)
    expect(asked(/\/cancel$/).length).toBeLessThanOrEqual(step.source.includes('cancel') ? 2 : 1)
  },
)

test('a server that is still being installed is cancelled at once, and wiped when it is installed', async () => {
  const { ref } = await provider.create(spec())
  cloud.put(Number(ref), 'installing')
  await expect(provider.terminate(ref)).rejects.toMatchObject({ kind: 'retry' })
  expect(made(ref)?.cancelDate).not.toBe('')
  expect(made(ref)?.installs).toBe(1)
  cloud.put(Number(ref), 'running')
  await provider.terminate(ref)
  expect(made(ref)?.installs).toBe(2)
  expect(await provider.status(ref)).toMatchObject({ state: 'ending' })
})

test('a server that was wiped but not cancelled is not taken over, and can be ended', async () => {
  const ref = await running()
  cloud.weather(/\/cancel$/, 'down')
  await expect(provider.terminate(ref)).rejects.toMatchObject({ kind: 'retry' })
  expect(await provider.find(machine)).toMatchObject([{ ref, state: 'failed' }])
  const again = await provider.create(spec())
  expect(again.ref).not.toBe(ref)
  await provider.terminate(ref)
  expect(await provider.find(machine)).toMatchObject([{ ref, state: 'ending' }, { ref: again.ref }])
})

test('the set-up script goes along in what cloud-init takes, whatever its letters', async () => {
  const setUpScript = '#!/bin/sh\necho "ä" \'$x\'\n'
  const { ref } = await provider.create(spec({ setUpScript }))
  const [first, ...rest] = String(made(ref)?.userData).split('\n')
  expect(first).toBe('#cloud-config')
  const { write_files, runcmd } = JSON.parse(rest.join('\n'))
  expect(Buffer.from(write_files[0].content, write_files[0].encoding.replace('b64', 'base64')).toString()).toBe(
    setUpScript,
  )
  expect(write_files[0]).toMatchObject({ permissions: '0700' })
  expect(runcmd[0]).toEqual([write_files[0].path])
})

test('a set-up script that is too long is refused before anything is asked for', async () => {
  const error = await provider.create(spec({ setUpScript: `#!/bin/sh\n${'x'.repeat(50_000)}` })).catch(thrown => thrown)
  expect(error).toMatchObject({ kind: 'refused', undone: true, message: expect.stringMatching(/Contabo takes/) })
  expect(asked(/^POST \/v1/)).toEqual([])
  const most = `#!/bin/sh\n${'x'.repeat(48_800)}`
  expect(
    Buffer.byteLength(String(made((await provider.create(spec({ setUpScript: most }))).ref)?.userData)),
  ).toBeLessThan(65_536)
})

test('the password is changed, told to nobody, and does not stay in the store of secrets', async () => {
  const ref = await running()
  expect(await provider.rotateCredentials?.(ref)).toBeUndefined()
  expect(cloud.passwords).toHaveLength(1)
  expect(cloud.kept.size).toBe(0)
})

test('a change of the password that was cut leaves one secret, which the next one uses and removes', async () => {
  const ref = await running()
  for (const step of [/^POST \/v1\/secrets/, /resetPassword$/]) {
    cloud.weather(step, 'lost')
    await expect(provider.rotateCredentials?.(ref)).rejects.toMatchObject({ kind: 'retry' })
    expect(cloud.kept.size).toBe(1)
    await expect.poll(() => made(ref)?.status).toBe('running')
  }
  await provider.rotateCredentials?.(ref)
  expect(new Set(cloud.passwords).size).toBe(2)
  expect(cloud.kept.size).toBe(0)
})

test('a snapshot keeps a name that is longer, and of more letters, than Contabo takes', async () => {
  const ref = await running()
  const name = 'before: the update of 2026-11-21, ärgerlich'
  const first = await provider.snapshot?.(ref, name)
  expect(await provider.snapshots?.(ref)).toEqual([{ ...first, name }])
  expect((await provider.snapshot?.(ref, name))?.ref).toBe(first?.ref)
})

test('a server that something else is being done with is asked for again', async () => {
  const { ref } = await provider.create(spec())
  cloud.put(Number(ref), 'installing')
  await expect(provider.snapshot?.(ref, 'one')).rejects.toMatchObject({ kind: 'retry', undone: true })
})

test('what its prices are not known for is not offered, nor is a place without servers', async () => {
  const { regions, sizes } = (await provider.catalog?.()) ?? { regions: [], sizes: [] }
  expect(regions).toEqual([{ id: 'EU', name: 'European Union', country: null }])
  expect(sizes.map(({ id }) => id)).not.toContain('V93')
})

test('a reference that is no number asks for nothing', async () => {
  for (const ref of ['../secrets', '1?x=y', '', '1/cancel']) expect(await provider.status(ref)).toBeNull()
  expect(cloud.requests).toEqual([])
})
