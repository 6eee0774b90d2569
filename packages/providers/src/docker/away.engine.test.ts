// Docker that dies in the middle, and answers that get lost: nothing is doubled, nothing is left over, and machines come
// back with their files.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DockerBed, startDockerBed, whyNoDocker } from '@spoq/workbench/docker/bed'
import { type LosingProxy, startLosingProxy } from '@spoq/workbench/docker/losing-proxy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testSpec } from '../conformance/test-spec.ts'
import { ProviderError, type ProvisioningProvider } from '../provider.ts'
import { type DockerOptions, dockerProvider } from './index.ts'

const why = whyNoDocker()
let made = 0
const spec = () => ({ ...testSpec, machine: `mach_${String(++made).padStart(20, '0')}`, size: 'free' })

describe.skipIf(why !== null)('a Docker that is away', () => {
  let bed: DockerBed
  let options: DockerOptions
  let provider: ProvisioningProvider
  beforeAll(async () => {
    bed = await startDockerBed()
    options = { host: bed.host, image: bed.image, socketsDir: bed.socketsDir, installation: 'away', now: Date.now }
    provider = dockerProvider(options)
  }, 240_000)
  afterAll(() => bed?.stop())

  /** All that the Engine has of a machine: containers, volumes, networks. */
  const thingsOf = (machine: string) =>
    [
      ['ps', '--all'],
      ['volume', 'ls'],
      ['network', 'ls'],
    ].map(
      words =>
        bed
          .docker(...words, '--quiet', '--filter', `label=dev.spoq.machine=${machine}`)
          .split('\n')
          .filter(Boolean).length,
    )
  const inside = (machine: string, command: string) =>
    bed.docker('exec', '--user', '64302:64303', `spoq-away-${machine}`, 'sh', '-c', command).trim()
  const note = '/var/lib/spoq/workspace/note'

  test('is a retry for every verb, and never an empty list; afterwards machines are there with their files', async () => {
    const [running, stopped, never] = [spec(), spec(), spec()]
    for (const { machine } of [running, stopped]) {
      await provider.create({ ...testSpec, machine, size: 'free' })
      inside(machine, `echo kept > ${note}`)
    }
    await provider.suspend(stopped.machine)
    await bed.kill()
    const { machine } = running
    const asked = [
      () => provider.create(never),
      () => provider.status(machine),
      () => provider.find(machine),
      () => provider.list(),
      () => provider.suspend(machine),
      () => provider.resume(stopped.machine),
      () => provider.terminate(machine),
    ]
    for (const ask of asked) {
      const error = await ask().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ProviderError)
      expect(error).toMatchObject({ kind: 'retry', undone: true })
    }
    await bed.restart()
    expect((await provider.list()).map(({ ref }) => ref).sort()).toEqual([machine, stopped.machine].sort())
    // Docker starts none by itself: the rules of the firewall come first.
    expect(await provider.status(machine)).toMatchObject({ state: 'stopped' })
    for (const each of [machine, stopped.machine]) {
      await provider.resume(each)
      expect(await provider.status(each)).toMatchObject({ state: 'running' })
      expect(inside(each, `cat ${note}`)).toBe('kept')
      expect(thingsOf(each)).toEqual([1, 1, 1])
    }
    for (const each of [machine, stopped.machine]) await provider.terminate(each)
  }, 180_000)

  test.each([60, 200, 400, 700, 1_000])(
    'killed %i ms into a create and into a terminate, all comes to what was wanted',
    async ms => {
      const wanted = spec()
      const { machine } = wanted
      const creating = provider.create(wanted).catch((thrown: unknown) => thrown)
      await sleep(ms)
      await bed.kill()
      const first = await creating
      if (first instanceof Error) expect(first).toMatchObject({ name: 'ProviderError', kind: 'retry' })
      await bed.restart()
      expect((await insist(() => provider.create(wanted))).state).toBe('running')
      expect(thingsOf(machine)).toEqual([1, 1, 1])
      inside(machine, `echo works > ${note}`)

      const ending = provider.terminate(machine).catch((thrown: unknown) => thrown)
      await sleep(ms / 2)
      await bed.kill()
      const second = await ending
      if (second instanceof Error) expect(second).toMatchObject({ name: 'ProviderError', kind: 'retry' })
      await bed.restart()
      await insist(() => provider.terminate(machine))
      expect(await provider.find(machine)).toEqual([])
      expect(thingsOf(machine)).toEqual([0, 0, 0])
    },
    // An Engine that was killed while it made a network may need its second start, each of which is given a minute.
    240_000,
  )

  test('whichever answer is lost, one machine is made, stopped, started and ended', async () => {
    const listen = join(bed.socketsDir, '..', 'lossy.sock')
    const proxy = await startLosingProxy(listen, new URL(bed.host).pathname)
    const lossy = dockerProvider({ ...options, host: `unix://${listen}` })
    const wanted = spec()
    const { machine } = wanted
    const verbs: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
      ['create', () => lossy.create(wanted), () => provider.terminate(machine)],
      ['suspend', () => lossy.suspend(machine), () => provider.resume(machine)],
      ['resume', () => lossy.resume(machine), () => provider.suspend(machine)],
      ['terminate', () => lossy.terminate(machine), () => provider.create(wanted)],
    ]
    for (const [verb, act, undo] of verbs) {
      if (verb === 'suspend' || verb === 'terminate') await provider.create(wanted)
      if (verb === 'resume') await provider.suspend(machine)
      const lost = await eachLost(proxy, act, undo)
      expect(lost, verb).toBeGreaterThan(1)
      console.log(`${verb}: each of ${lost} answers was lost once`)
      await provider.create(wanted)
      expect(thingsOf(machine)).toEqual([1, 1, 1])
    }
    await provider.terminate(machine)
    expect(thingsOf(machine)).toEqual([0, 0, 0])
    await proxy.stop()
  }, 300_000)

  /** Does it again and again, another answer lost each time, until none is left to lose; answers how many there were. */
  async function eachLost(
    proxy: LosingProxy,
    act: () => Promise<unknown>,
    undo: () => Promise<unknown>,
  ): Promise<number> {
    for (let lose = 0; ; lose++) {
      proxy.loseAfter(lose)
      const error = await act().catch((thrown: unknown) => thrown)
      const wasLost = proxy.seen() > lose
      if (error instanceof Error) expect(error).toMatchObject({ name: 'ProviderError', kind: 'retry' })
      proxy.loseAfter(null)
      await act()
      if (!wasLost) return lose
      await undo()
    }
  }
})

/** As the reconciler does it: what may pass is tried again. */
async function insist<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await act()
    } catch (error) {
      expect(error).toMatchObject({ name: 'ProviderError', kind: 'retry' })
      if (tries === 5) throw error
      await sleep(500)
    }
  }
}
