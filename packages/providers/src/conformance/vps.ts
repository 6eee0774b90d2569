// The suite for providers of servers, against a stand-in of theirs or, by `npm run conformance -- PROVIDER`, against
// whatever address and key the environment names; and what can be brought about at a stand-in alone.

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MachineSpec, ProviderError, type ProvisioningProvider } from '../provider.ts'
import { type Patience, usualPatience } from '../shared/patience.ts'
import { conformance, type Subject } from './suite.ts'
import { testSpec } from './test-spec.ts'

/** A stand-in: what the suite does with it. */
export interface Cloud {
  url: string
  stop(): Promise<void>
  weather(match: RegExp, ...next: Weather[]): void
  /** What was not valid against the official document. */
  invalid: string[]
  /** How many servers were ever ordered. */
  ordered(): number
  /** What must not be told to anybody. */
  secrets: readonly string[]
}

type Weather = 'lost' | 'half' | 'hang' | 'fault' | 'down' | 'busy'
const weathers: readonly Weather[] = ['lost', 'half', 'hang', 'fault', 'down', 'busy']

/** What every VPS provider is opened with. */
export interface Opening {
  url: string | undefined
  installation: string
  now: () => number
  patience: Patience
}

export interface VpsSubject<C extends Cloud> {
  name: string
  /** The variables of its keys, all needed, and the one of its address. */
  keys: readonly string[]
  urlKey: string
  /** Variables that are no keys and may be missing: other addresses. */
  settings?: readonly string[]
  /** A place that both the stand-in and the real one have. */
  place: { region: string; size: string; larger?: string }
  /** Starts the stand-in; answers it, its keys and settings. */
  start: () => Promise<{ cloud: C; env: Record<string, string> }>
  open: (env: Record<string, string>, opening: Opening) => ProvisioningProvider
  /** The request by which each verb does it: `POST /servers`. */
  requests: Record<'create' | 'suspend' | 'resume' | 'terminate', RegExp>
}

/** A stand-in answers at once; what never comes must not be waited for long. */
const quick: Patience = { answerMs: 1_000, shutDownMs: 1_000, pollMs: 10, listLagMs: 50 }

export function vpsConformance<C extends Cloud>(vps: VpsSubject<C>): void {
  if (process.env.SPOQ_CONFORMANCE === vps.name) conformance(vps.name, () => theRealOne(vps))
  else atStandIn(vps)
}

function atStandIn<C extends Cloud>(vps: VpsSubject<C>): void {
  let cloud: C
  let provider: ProvisioningProvider
  let reopened: (keys: Record<string, string>) => ProvisioningProvider
  const opened = async () => {
    const { env, ...started } = await vps.start()
    cloud = started.cloud
    const opening = { url: cloud.url, installation: 'tests', now: Date.now, patience: quick }
    reopened = keys => vps.open({ ...env, ...keys }, opening)
    provider = reopened({})
  }
  const closed = async () => {
    expect(cloud.invalid).toEqual([])
    await cloud.stop()
  }
  conformance(vps.name, async () => {
    await opened()
    return { provider, ...specOf(vps), settleMs: 5_000, cleanup: closed }
  })
  describe(`the provider ${vps.name}, when its API has a bad day`, () => {
    beforeEach(opened)
    afterEach(closed)
    weatherCases(
      vps,
      () => cloud,
      () => provider,
      keys => reopened(keys),
    )
  })
}

function weatherCases<C extends Cloud>(
  vps: VpsSubject<C>,
  cloud: () => C,
  provider: () => ProvisioningProvider,
  reopened: (keys: Record<string, string>) => ProvisioningProvider,
): void {
  const spec = (): MachineSpec => {
    const random = randomBytes(8).toString('hex')
    return { ...specOf(vps).spec, machine: `mach_${random}`, name: `test-${random}` }
  }
  const reached = async (ref: string, state: string | null) => {
    for (let look = 0; look < 200; look++) {
      if (((await provider().status(ref))?.state ?? null) === state) return
      await sleep(10)
    }
    throw new Error(`${ref} does not come to ${state}`)
  }
  /**
   * As the reconciler does it: what failed is looked for once the list must show it, and asked for again if it is not
   * there; null where that is left to a person, who knows whether it was charged.
   */
  const asked = async (wanted: MachineSpec) => {
    for (let tries = 0; tries < 5; tries++) {
      const answer = await provider().create(wanted).catch(failure)
      if (!(answer instanceof ProviderError)) return answer
      expect(answer.kind).toBe('retry')
      if (answer.undone) continue
      await sleep(provider().capabilities.listLagMs)
      const [found] = await provider().find(wanted.machine)
      if (found || provider().capabilities.afterLostCreate === 'person') return found ?? null
    }
    throw new Error('it was not made in five tries')
  }
  const made = async (wanted: MachineSpec) => {
    const resource = await asked(wanted)
    if (!resource) throw new Error('it was left to a person')
    return resource
  }
  const insist = async (verb: 'suspend' | 'resume' | 'terminate', ref: string) => {
    for (let tries = 0; tries < 5; tries++) {
      const error = await provider()[verb](ref).catch(failure)
      if (!error) return
      expect(error).toMatchObject({ kind: 'retry' })
    }
    throw new Error(`${verb} did not come about in five tries`)
  }

  test.each(weathers)('create, %s: one server is ordered', async weather => {
    const wanted = spec()
    cloud().weather(vps.requests.create, weather)
    const resource = await asked(wanted)
    // Said to be not done, and not to be seen: nothing may be ordered again by itself.
    if (!resource) return expect([weather, cloud().ordered()]).toEqual(['down', 0])
    await reached(resource.ref, 'running')
    expect(await provider().find(wanted.machine)).toHaveLength(1)
    expect(cloud().ordered()).toBe(1)
  })

  test.each(weathers)('suspend, resume and terminate, %s: done in the end', async weather => {
    const wanted = spec()
    const { ref } = await made(wanted)
    await reached(ref, 'running')
    cloud().weather(vps.requests.suspend, weather)
    await insist('suspend', ref)
    await reached(ref, 'stopped')
    cloud().weather(vps.requests.resume, weather)
    await insist('resume', ref)
    await reached(ref, 'running')
    cloud().weather(vps.requests.terminate, weather)
    await insist('terminate', ref)
    if (provider().capabilities.deletes === 'now') await reached(ref, null)
    else await reached(ref, 'ending')
    expect(cloud().ordered()).toBe(1)
  })

  test.each(weathers)('a list that fails (%s) is an error, never an empty one', async weather => {
    const wanted = spec()
    await made(wanted)
    cloud().weather(/^GET /, weather)
    const found = await provider().find(wanted.machine).catch(failure)
    if (found instanceof ProviderError) expect(found).toMatchObject({ kind: 'retry', undone: true })
    else expect(found).toHaveLength(1)
  })

  test('a pause that is asked for is told', async () => {
    cloud().weather(vps.requests.create, 'busy')
    const error = await provider().create(spec()).catch(failure)
    expect(error).toMatchObject({ kind: 'retry', undone: true, retryAfterMs: 1_000 })
  })

  test('a wrong key is named, and told to nobody', async () => {
    const wrong = Object.fromEntries(vps.keys.map(key => [key, `wrong-${key}`]))
    const error = await reopened(wrong).create(spec()).catch(failure)
    expect(error).toMatchObject({ kind: 'refused', undone: true })
    expect(String(error)).toContain(vps.keys[0])
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('wrong-')
  })

  test('an API that is away is a retry, and nothing was done', async () => {
    await cloud().stop()
    const error = await provider().create(spec()).catch(failure)
    expect(error).toMatchObject({ kind: 'retry', undone: true })
  })
}

const failure = (error: unknown) => {
  if (error instanceof ProviderError) return error
  throw error
}

function specOf({ place: { region, size, larger } }: Pick<VpsSubject<Cloud>, 'place'>) {
  const spec = {
    ...testSpec,
    region,
    size,
    setUpScript: '#!/bin/sh\nexit 0\n',
  }
  return { spec, ...(larger === undefined ? {} : { larger }) }
}

/** It costs what the provider asks for a few servers for a few minutes; all of them are ended afterwards. */
async function theRealOne<C extends Cloud>(vps: VpsSubject<C>): Promise<Subject> {
  const missing = vps.keys.filter(key => !process.env[key])
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')} (and ${vps.urlKey} for another address).`)
  const given = [...vps.keys, ...(vps.settings ?? [])].filter(key => process.env[key])
  const env = Object.fromEntries(given.map(key => [key, String(process.env[key])]))
  const installation = `conformance-${randomBytes(4).toString('hex')}`
  const patience = usualPatience
  const provider = vps.open(env, { url: process.env[vps.urlKey], installation, now: Date.now, patience })
  const cleanup = async () => {
    for (const { ref, state } of await provider.list()) if (state !== 'ending') await provider.terminate(ref)
  }
  afterAll(cleanup)
  return { provider, ...specOf(vps), settleMs: 600_000, cleanup }
}
