// A provider in memory, as careless as the interface allows: a new machine takes a while to run, its list lags behind both what
// came and what went, and it makes a second machine of the same tag for whoever asks for one.

import {
  type Capabilities,
  type MachineSpec,
  ProviderError,
  type ProvisioningProvider,
  type Resource,
} from '@spoq/providers'

export interface CloudOptions {
  now: () => number
  /** How long its list shows what was before, in ms. */
  lagMs?: number
  /** How long a machine is in the making, in ms. */
  startMs?: number
  /** Whether a create takes what it sees under its tag; the careless one only takes over what is powered off. */
  careful?: boolean
  /** Its machines are servers that are set up over SSH. */
  servers?: boolean
  /** Which of them do not let themselves be ended. */
  isLost?: (machine: string) => boolean
}

export interface Cloud extends ProvisioningProvider {
  /** What there is, whatever its list shows. */
  all(): Resource[]
  /** Whose tokens each takes. */
  issuerOf(ref: string): string | undefined
  /** The most machines of one tag that there were at one moment. */
  most(machine: string): number
  /** The size that each came to, and its snapshots by name. */
  sizeOf(ref: string): string | undefined
  wasRotated(ref: string): boolean
  snapshotsOf(ref: string): string[]
  /** Puts a machine there that runs. */
  put(machine: string, issuer: string): Resource
}

interface Entry {
  /** It has another password than at first. */
  rotated?: true
  ref: string
  machine: string
  issuer: string
  on: boolean
  madeAt: number
  runsAt: number
  goneAt: number | null
  size?: string
  snapshots: Map<string, number>
}

export function openCloud({
  now,
  lagMs = 0,
  startMs = 0,
  careful = false,
  servers = false,
  isLost = () => false,
}: CloudOptions): Cloud {
  const entries = new Map<string, Entry>()
  const peaks = new Map<string, number>()
  const overSsh = servers ? ({ setUp: 'ssh', abandons: true } as const) : {}
  const usual = { deletes: 'now', billsWhileOff: false, workloads: ['general'], listLagMs: lagMs } as const
  const capabilities: Capabilities = { ...usual, ...overSsh }

  const there = () => [...entries.values()].filter(({ goneAt }) => goneAt === null)
  const listed = () =>
    [...entries.values()].filter(
      ({ madeAt, goneAt }) => now() >= madeAt + lagMs && (goneAt === null || now() < goneAt + lagMs),
    )

  function shown({ ref, machine, on, runsAt }: Entry): Resource {
    const state = !on ? 'stopped' : now() < runsAt ? 'creating' : 'running'
    return { ref, machine, state, endpoint: state === 'running' && !servers ? `http://127.0.0.1/${ref}` : null }
  }

  function make(machine: string, issuer: string, runsAt: number): Entry {
    const entry = {
      ref: `r${entries.size + 1}`,
      machine,
      issuer,
      on: true,
      madeAt: now(),
      runsAt,
      goneAt: null,
      snapshots: new Map(),
    }
    entries.set(entry.ref, entry)
    const count = there().filter(other => other.machine === machine).length
    peaks.set(machine, Math.max(peaks.get(machine) ?? 0, count))
    return entry
  }

  function found(ref: string): Entry {
    const entry = entries.get(ref)
    if (!entry || entry.goneAt !== null) throw new ProviderError('gone', `There is no machine ${ref}.`)
    return entry
  }

  const end = (ref: string) => {
    const entry = entries.get(ref)
    if (entry) entry.goneAt ??= now()
  }

  function power(entry: Entry, on: boolean): void {
    if (entry.on === on) return
    entry.on = on
    entry.runsAt = now() + startMs
  }

  function create({ machine, issuer }: MachineSpec): Resource {
    const taken = listed().find(entry => entry.machine === machine && entry.goneAt === null && (careful || !entry.on))
    if (!taken) return shown(make(machine, issuer, now() + startMs))
    if (!taken.on) taken.issuer = issuer
    power(taken, true)
    return shown(taken)
  }

  return {
    name: 'local',
    capabilities,
    create: async spec => create(spec),
    status: async ref => {
      const entry = entries.get(ref)
      return entry && entry.goneAt === null ? shown(entry) : null
    },
    suspend: async ref => power(found(ref), false),
    resume: async ref => power(found(ref), true),
    resize: async (ref, size) => {
      const entry = found(ref)
      power(entry, false)
      entry.size = size
      power(entry, true)
    },
    // It takes a second.
    snapshot: async (ref, name) => {
      const { snapshots } = found(ref)
      const readyAt = snapshots.get(name) ?? now() + 1_000
      snapshots.set(name, readyAt)
      return { ref: name, state: now() < readyAt ? 'creating' : 'ready' }
    },
    restore: async (ref, snapshot) => {
      const entry = found(ref)
      if (!entry.snapshots.has(snapshot)) throw new ProviderError('gone', 'There is no such snapshot.')
      entry.runsAt = now() + startMs
    },
    rotateCredentials: async ref => {
      found(ref).rotated = true
    },
    removeSnapshot: async (ref, snapshot) => void found(ref).snapshots.delete(snapshot),
    terminate: async ref => {
      const { machine, goneAt } = entries.get(ref) ?? {}
      if (machine && goneAt === null && isLost(machine))
        throw new ProviderError('retry', 'The server does not answer over SSH.')
      end(ref)
    },
    reach: async ref => ({ host: found(ref).ref, user: 'root', privateKey: 'k', hostKey: null }),
    // Once it is forgotten nobody can say what is left of it.
    leaves: async ref => `The machine stays on ${found(ref).ref}.`,
    abandon: async ref => end(ref),
    find: async tag =>
      listed()
        .map(shown)
        .filter(({ machine }) => machine === tag),
    list: async () => listed().map(shown),
    all: () => there().map(shown),
    sizeOf: ref => entries.get(ref)?.size,
    wasRotated: ref => entries.get(ref)?.rotated === true,
    snapshotsOf: ref => [...(entries.get(ref)?.snapshots.keys() ?? [])],
    issuerOf: ref => entries.get(ref)?.issuer,
    most: machine => peaks.get(machine) ?? 0,
    put: (machine, issuer) => {
      const entry = make(machine, issuer, now())
      entry.madeAt = now() - lagMs
      return shown(entry)
    },
  }
}
