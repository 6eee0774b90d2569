// What every provider must do, whoever made it: the promises of `provider.ts`, each tried on a real one.

import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MachineSpec, ProviderError, type ProvisioningProvider, type Resource } from '../provider.ts'

/** One provider under test. */
export interface Subject {
  provider: ProvisioningProvider
  /** What a machine of this provider is asked for with; its `machine` and `name` are filled in by the suite. */
  spec: Omit<MachineSpec, 'machine' | 'name'>
  /** Leaves a file on the machine, and reads it again; null when it is not there. Left out where there is no way in. */
  files?: { write(resource: Resource, text: string): Promise<void>; read(resource: Resource): Promise<string | null> }
  /** Whose tokens the Conductor takes. Left out where there is no way to see it. */
  issuer?: (resource: Resource) => Promise<string>
  /** Leaves what a create leaves that was cut in the middle. Left out where that cannot be brought about. */
  halfMade?: (machine: string) => Promise<void>
  /** How long a state may take to be reached, in ms. */
  settleMs: number
  /** Its machines cost nothing. */
  isFree?: true
  /** Another size than the spec's, for providers that can resize. */
  larger?: string
  /** Whatever the cases left is gone afterwards. */
  cleanup(): Promise<void>
}

/** Runs the suite against the provider that `make` prepares, afresh for each case. */
export function conformance(name: string, make: () => Promise<Subject>): void {
  describe(`the provider ${name}`, () => {
    let subject: Subject
    let provider: ProvisioningProvider
    beforeEach(async () => {
      subject = await make()
      provider = subject.provider
    })
    afterEach(() => subject.cleanup())

    const spec = (): MachineSpec => {
      const random = randomBytes(8).toString('hex')
      return { ...subject.spec, machine: `mach_${random}`, name: `test-${random}` }
    }
    /** What is `ending` is over: nothing can be done with it any more. */
    const ours = async (machine: string) => (await provider.find(machine)).filter(({ state }) => state !== 'ending')
    const settled = (ref: string, state: Resource['state'] | null) => reaches(subject, ref, state)
    const running = async (wanted = spec()) =>
      settled((await provider.create(wanted)).ref, 'running') as Promise<Resource>

    test('makes a machine that runs, tagged with its id, with an address', async () => {
      const wanted = spec()
      const made = await running(wanted)
      expect(made).toMatchObject({ machine: wanted.machine, state: 'running' })
      expect(isReached(made)).toBe(true)
      expect(await ours(wanted.machine)).toEqual([made])
    })

    test('a create that is repeated answers the machine that is there', async () => {
      const wanted = spec()
      const made = await running(wanted)
      expect(await provider.create(wanted)).toEqual(made)
      expect(await ours(wanted.machine)).toHaveLength(1)
    })

    test('two creates at once make one machine', async () => {
      const wanted = spec()
      const [one, other] = await Promise.all([provider.create(wanted), provider.create(wanted)])
      expect(one.ref).toBe(other.ref)
      await settled(one.ref, 'running')
      expect(await ours(wanted.machine)).toHaveLength(1)
    })

    test('a machine whose create was never answered is found by its tag', async () => {
      const wanted = spec()
      await provider.create(wanted)
      await sleep(provider.capabilities.listLagMs)
      const [found, ...more] = await ours(wanted.machine)
      expect(found?.machine).toBe(wanted.machine)
      expect(more).toEqual([])
      expect(await provider.status(String(found?.ref))).toMatchObject({ ref: found?.ref, machine: wanted.machine })
    })

    test('lists every machine of ours, and none that is over but as ending', async () => {
      const [one, other] = await Promise.all([running(), running()])
      await provider.terminate(one.ref)
      await settled(one.ref, null)
      const refs = (await provider.list()).filter(({ state }) => state !== 'ending').map(({ ref }) => ref)
      expect(refs).toContain(other.ref)
      expect(refs).not.toContain(one.ref)
    })

    test('suspend stops it, resume starts it again, and its files stay', async () => {
      const made = await running()
      await subject.files?.write(made, 'kept')
      await provider.suspend(made.ref)
      expect(await settled(made.ref, 'stopped')).toMatchObject({ ref: made.ref, machine: made.machine })
      await provider.resume(made.ref)
      const again = (await settled(made.ref, 'running')) as Resource
      expect(await subject.files?.read(again)).toBeOneOf([undefined, 'kept'])
    })

    test('suspend, resume and terminate may each be repeated', async () => {
      const { ref } = await running()
      await provider.suspend(ref)
      await provider.suspend(ref)
      await settled(ref, 'stopped')
      await provider.resume(ref)
      await provider.resume(ref)
      await settled(ref, 'running')
      await provider.terminate(ref)
      await provider.terminate(ref)
      await settled(ref, null)
    })

    test('a stopped machine can be created again, which starts it', async () => {
      const wanted = spec()
      const { ref } = await running(wanted)
      await provider.suspend(ref)
      await settled(ref, 'stopped')
      expect((await provider.create(wanted)).ref).toBe(ref)
      await settled(ref, 'running')
    })

    test('a stopped machine that is created again takes over the spec, and keeps its files', async context => {
      if (!subject.issuer) return context.skip('no way to see its issuer')
      const wanted = spec()
      const made = await running(wanted)
      await subject.files?.write(made, 'kept')
      await provider.suspend(made.ref)
      await settled(made.ref, 'stopped')
      const moved = { ...wanted, issuer: 'http://127.0.0.1:1', jwksUrl: 'http://127.0.0.1:1/jwks' }
      const again = await running(moved)
      expect(again.ref).toBe(made.ref)
      expect(await subject.issuer(again)).toBe(moved.issuer)
      expect(await subject.files?.read(again)).toBeOneOf([undefined, 'kept'])
      expect(await ours(wanted.machine)).toEqual([again])
    })

    test('terminate removes the machine with its files, from running and from stopped', async () => {
      for (const before of ['running', 'stopped'] as const) {
        const wanted = spec()
        const made = await running(wanted)
        await subject.files?.write(made, 'secret')
        if (before === 'stopped') await provider.suspend(made.ref)
        await settled(made.ref, before)
        await provider.terminate(made.ref)
        await settled(made.ref, null)
        expect(await ours(wanted.machine)).toEqual([])
        const again = await running(wanted)
        expect(await subject.files?.read(again)).toBeOneOf([undefined, null])
      }
    })

    test('what can only be cancelled says until when it lives, and a new create does not wake it', async context => {
      if (provider.capabilities.deletes === 'now') return context.skip('it is deleted at once')
      const wanted = spec()
      const { ref } = await running(wanted)
      await provider.terminate(ref)
      const over = await settled(ref, 'ending')
      expect(over).toMatchObject({ machine: wanted.machine, endsAt: expect.stringMatching(/^\d{4}-.*Z$/) })
      expect(Date.parse(String(over?.endsAt))).toBeGreaterThan(Date.now())
      expect((await running(wanted)).ref).not.toBe(ref)
      expect((await provider.list()).map(one => one.ref)).toContain(ref)
    })

    test('two terminates at once both succeed', async () => {
      const { ref } = await running()
      await Promise.all([provider.terminate(ref), provider.terminate(ref)])
      await settled(ref, null)
    })

    test('what was half made is listed, can be finished, and can be terminated', async context => {
      if (!subject.halfMade) return context.skip('cannot be brought about here')
      const [finished, terminated] = [spec(), spec()]
      for (const { machine } of [finished, terminated]) await subject.halfMade(machine)
      expect(await ours(finished.machine)).toHaveLength(1)
      await running(finished)
      const [half] = await ours(terminated.machine)
      await provider.terminate(String(half?.ref))
      await settled(String(half?.ref), null)
    })

    test.each(['suspend', 'resume'] as const)('%s on a machine that is gone says so', async verb => {
      const { ref } = await running()
      await provider.terminate(ref)
      await settled(ref, null)
      const error = await provider[verb](ref).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ProviderError)
      expect(error).toMatchObject({ kind: 'gone' })
    })

    test('says what can be had and for how much, and has what it is asked for', async context => {
      if (!provider.catalog) return context.skip('it has no catalog')
      const { regions, sizes } = await provider.catalog()
      expect(regions.map(({ id }) => id)).toContain(subject.spec.region)
      const size = sizes.find(({ id }) => id === subject.spec.size)
      const price = size?.prices.find(({ region }) => region === subject.spec.region)
      expect(price?.centsMonthly).toSatisfy((cents: number) => (subject.isFree ? cents === 0 : cents > 0))
      expect(price?.currency).toMatch(/^[A-Z]{3}$/)
      expect(Math.min(Number(size?.cpus), Number(size?.memoryMb) / 256, Number(size?.diskGb))).toBeGreaterThanOrEqual(1)
    })

    test.each(['region', 'size'] as const)(
      'a %s that it does not have is refused, and nothing is made',
      async which => {
        const { region, size } = subject.spec
        if (region === undefined || size === undefined) return
        const wanted = { ...spec(), [which]: 'nowhere' }
        const error = await provider.create(wanted).catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ name: 'ProviderError', kind: 'refused', undone: true })
        expect(await ours(wanted.machine)).toEqual([])
      },
    )

    test('a snapshot is kept under its name once, put back, and removed', async context => {
      const { snapshot, snapshots, restore, removeSnapshot } = provider
      if (!snapshot || !snapshots || !restore || !removeSnapshot) return context.skip('it has no snapshots')
      const { ref } = await running()
      const first = await snapshot(ref, 'before')
      expect((await snapshot(ref, 'before')).ref).toBe(first.ref)
      const ready = async () => (await snapshots(ref)).find(one => one.ref === first.ref)?.state
      await until(subject.settleMs, async () => (await ready()) === 'ready', 'the snapshot is not ready')
      expect(await snapshots(ref)).toEqual([{ ref: first.ref, name: 'before', state: 'ready' }])
      await restore(ref, first.ref)
      await settled(ref, 'running')
      await removeSnapshot(ref, first.ref)
      await removeSnapshot(ref, first.ref)
      expect(await snapshots(ref)).toEqual([])
      await expect(restore(ref, first.ref)).rejects.toMatchObject({ kind: 'gone' })
    })

    test('resize may be repeated, and leaves it running', async context => {
      if (!provider.resize || !subject.larger) return context.skip('it cannot be resized')
      const { ref } = await running()
      await provider.resize(ref, subject.larger)
      await provider.resize(ref, subject.larger)
      await settled(ref, 'running')
    })

    test('a machine that never was has no status, and terminating it succeeds', async () => {
      const { machine } = spec()
      expect(await provider.status(machine)).toBeNull()
      await provider.terminate(machine)
    })
  })
}

/** There is an address, or a socket on this computer. */
const isReached = ({ addresses, endpoint, socket }: Resource) =>
  isIP(addresses?.v4 ?? '') === 4 || URL.canParse(String(endpoint)) || socket !== undefined

/** Asks again and again until it is so. */
async function until(ms: number, isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const patience = AbortSignal.timeout(ms)
  while (!(await isSo())) {
    if (patience.aborted) throw new Error(otherwise)
    await sleep(20)
  }
}

/** Null: it is over, which where it can only be cancelled is `ending`. */
async function reaches(subject: Subject, ref: string, state: Resource['state'] | null): Promise<Resource | null> {
  const isSo = (now: Resource['state'] | null) => now === state || (state === null && now === 'ending')
  const patience = AbortSignal.timeout(subject.settleMs)
  for (;;) {
    const resource = await subject.provider.status(ref)
    if (isSo(resource?.state ?? null)) return resource
    if (patience.aborted) throw new Error(`${ref} is ${resource?.state ?? 'gone'}, not ${state ?? 'gone'}`)
    await sleep(20)
  }
}
