// For tests: a provider in memory that is as bad as a real one can be. Its create makes another machine each time, unless
// it can see a stopped one to take over; its list lags, and any call can fail before or after it did its work.

import type { Capabilities, MachineSpec, ProvisioningProvider, Resource } from '@spoq/providers'

type Verb = 'create' | 'status' | 'suspend' | 'resume' | 'terminate' | 'find' | 'list'

/** `before`: nothing was done. `after`: it was done, and the answer is lost. */
export interface Fault {
  when: 'before' | 'after'
  error: Error
}

export interface FakeProvider extends ProvisioningProvider {
  /** What there is, whatever the list shows of it. */
  resources: Map<string, Resource>
  /** Whose tokens each takes. */
  issuers: Map<string, string>
  /** The calls so far. */
  calls: string[]
  /** Asked at each call: how it fails, if it does. */
  fault: (verb: Verb, call: number) => Fault | undefined
  /** Runs in the middle of each call, before it has an effect. */
  meanwhile: (verb: Verb) => Promise<void>
}

export function fakeProvider(now: () => number, capabilities: Partial<Capabilities> = {}): FakeProvider {
  const resources = new Map<string, Resource>()
  const issuers = new Map<string, string>()
  /** When each was made: the list shows it only a while after. */
  const madeAt = new Map<string, number>()
  const listLagMs = capabilities.listLagMs ?? 0

  async function call<T>(verb: Verb, what: string, effect: () => T): Promise<T> {
    fake.calls.push(what === '' ? verb : `${verb} ${what}`)
    const fault = fake.fault(verb, fake.calls.length)
    await fake.meanwhile(verb)
    if (fault?.when === 'before') throw fault.error
    const answer = effect()
    if (fault) throw fault.error
    return answer
  }

  const set = (ref: string, state: Resource['state']) => {
    const resource = resources.get(ref)
    if (resource) resources.set(ref, { ...resource, state })
  }

  const listed = () => [...resources.values()].filter(({ ref }) => now() >= (madeAt.get(ref) ?? 0) + listLagMs)
  const stopped = (tag: string) => listed().find(({ machine, state }) => machine === tag && state === 'stopped')?.ref

  const fake: FakeProvider = {
    name: 'local',
    capabilities: {
      deletes: 'now',
      billsWhileOff: false,
      hardware: 'own',
      workloads: ['general'],
      listLagMs,
      ...capabilities,
    },
    resources,
    issuers,
    calls: [],
    fault: () => undefined,
    meanwhile: async () => {},
    create: ({ machine, issuer }: MachineSpec) =>
      call('create', machine, () => {
        const ref = stopped(machine) ?? `r${madeAt.size + 1}`
        const resource: Resource = { ref, machine, state: 'running', endpoint: `http://127.0.0.1/${ref}` }
        resources.set(ref, resource)
        issuers.set(ref, issuer)
        if (!madeAt.has(ref)) madeAt.set(ref, now())
        return resource
      }),
    status: ref => call('status', ref, () => resources.get(ref) ?? null),
    suspend: ref => call('suspend', ref, () => set(ref, 'stopped')),
    resume: ref => call('resume', ref, () => set(ref, 'running')),
    terminate: ref => call('terminate', ref, () => void resources.delete(ref)),
    find: tag => call('find', tag, () => listed().filter(({ machine }) => machine === tag)),
    list: () => call('list', '', listed),
  }
  return fake
}
