// What a provider is. Everything above it (reconciler, commands, tests) knows this interface and a capability table,
// never a provider by name.

import type { ProviderName } from '@spoq/contracts/machine'
import type { Workload } from '@spoq/contracts/provider'
import type { SshTarget } from '@spoq/kit/ssh-job'

/** What the backend wants to exist. `machine` is the tag: one wanted machine, one resource that carries it. */
export interface MachineSpec {
  /** Our machine's id: the tag that a lost create is found again by. */
  machine: string
  name: string
  /** The account whose tokens its Conductor takes; null: nobody's, until it is told. */
  owner: string | null
  /** Whose tokens its Conductor takes: the backend's public address, and where its public keys are. */
  issuer: string
  jwksUrl: string
  /** The gateways that its Conductor connects to, and its secret for that; left out where it needs none. */
  tunnel?: { url: string; token: string; others?: string[] | undefined }
  /** Where it stands and how large it is, in the provider's own words (`catalog`). Left out where there is no choice. */
  region?: string
  size?: string
  /** A shell script that a server runs at its first start: it becomes a machine by that. Left out where none is needed. */
  setUpScript?: string
}

/** What the provider has. */
export interface Resource {
  /** The provider's own name for it. */
  ref: string
  /** Our machine's id, read from the tag. */
  machine: string
  /** `ending`: cancelled and wiped; it lives on until `endsAt`, and nothing can be done with it any more. */
  state: 'creating' | 'running' | 'stopped' | 'failed' | 'ending'
  /** Where its Conductor's edge answers, once known; null for a server, which has an address. */
  endpoint: string | null
  /** The unix socket of its Conductor's edge, where that is on this very computer. */
  socket?: string
  /** A server's public addresses, once it has some. */
  addresses?: { v4?: string; v6?: string }
  /** When `failed`, or `creating` and stuck: why, in one line for the owner. */
  reason?: string
  /** It never ends `creating` by itself: a person has to see to it at the provider. */
  stuck?: true
  /** When `ending`: ISO 8601. */
  endsAt?: string
}

/** What can be had at a provider, and what it costs. */
export interface Catalog {
  /** `country`: ISO 3166-1, two letters; null where the provider does not say. */
  regions: readonly { id: string; name: string; country: string | null }[]
  sizes: readonly Size[]
}

export interface Size {
  id: string
  cpus: number
  memoryMb: number
  diskGb: number
  /** Where it can be had, and for how much a month, in hundredths of the currency (ISO 4217), rounded up. */
  prices: readonly { region: string; centsMonthly: number; currency: string }[]
}

export interface Snapshot {
  ref: string
  state: 'creating' | 'ready' | 'failed'
}

export interface Capabilities {
  /** How long after a create its resource may be missing from `list`, in ms: no second create before that. */
  listLagMs: number
  /** `now`, or only at the end of the paid period. */
  deletes: 'now' | 'at-period-end'
  billsWhileOff: boolean
  /** How long to wait between two looks at what is in the making, in ms. Default 1,000. */
  pollMs?: number
  /** `person`: a create charges at once, so that one whose answer was lost is never sent again by itself. */
  afterLostCreate?: 'again' | 'person'
  /** What makes a machine of a server: nothing, a script at its first start, or a connection over SSH. */
  setUp?: 'none' | 'script' | 'ssh'
  /** How many creates it stands at the same time; the others wait for their turn. Default: any number. */
  createsAtOnce?: number
  /**
   * Whose hardware it is: the owner's `own`, which costs the operator nothing, or the operator's `fleet`. Left out: a server
   * that is rented for the machine.
   */
  hardware?: 'own' | 'fleet'
  /** Its resources may be out of its reach for ever: then an end that was tried in vain is one all the same (`abandon`). */
  abandons?: true
  /** What its terms allow. A workload that they say nothing of is not allowed. */
  workloads: readonly Workload[]
  /** Off it costs less, and it is back within seconds: one that nobody uses may sleep until somebody asks for it. */
  sleeps?: true
}

/**
 * Makes machines. Every verb may be called again after a lost answer and then changes nothing more; a verb on what is
 * gone succeeds (`terminate`) or throws ProviderError `gone`. What not every provider can is an optional verb.
 */
export interface ProvisioningProvider {
  readonly name: ProviderName
  readonly capabilities: Capabilities
  /**
   * Makes the resource tagged with `spec.machine`, or answers the one that is there: one that runs goes on as it is; one
   * that is stopped takes over the spec, its files kept, and is started. It may still be `creating`.
   */
  create(spec: MachineSpec): Promise<Resource>
  /** Looks at one resource; null when there is none. */
  status(ref: string): Promise<Resource | null>
  /** Powers off, files kept. */
  suspend(ref: string): Promise<void>
  /** Powers on again. */
  resume(ref: string): Promise<void>
  /** Removes it with all its files; where it can only be cancelled it is wiped, and `ending` from then on. */
  terminate(ref: string): Promise<void>
  /** What carries this machine's tag: none, one, or several after a mishap. A list may lag (`listLagMs`). */
  find(machine: string): Promise<Resource[]>
  /** Everything of ours that is there, whoever asked for it: what the orphan sweep looks at. */
  list(): Promise<Resource[]>
  /** What a machine that is made now is made of; two of one form are the same. Machines can be made ahead where it says so. */
  form?(): Promise<string>
  /** The unix socket of a machine's edge as a `Resource` that runs names it, told without a look; undefined where there is none. */
  socketOf?(machine: string): string | undefined
  /** What can be had, and its price. */
  catalog?(): Promise<Catalog>
  /** Makes it larger (or smaller where the provider can); it may have to be stopped, and is as it was afterwards. */
  resize?(ref: string, size: string): Promise<void>
  /** Keeps its disk as it is now; the same `name` again answers the snapshot that is there. */
  snapshot?(ref: string, name: string): Promise<Snapshot>
  snapshots?(ref: string): Promise<(Snapshot & { name: string })[]>
  /** Puts the disk back to a snapshot. */
  restore?(ref: string, snapshot: string): Promise<void>
  removeSnapshot?(ref: string, snapshot: string): Promise<void>
  /** How a server is reached that is set up over SSH, as root. */
  reach?(ref: string): Promise<SshTarget>
  /** What would be left of one that cannot be ended, and what its owner can do then, in one line. */
  leaves?(ref: string): Promise<string>
  /** Gives up what could not be ended. */
  abandon?(ref: string): Promise<void>
  /** Takes the password of root, or the key that we come in with, away from whoever may know it. Nobody is told the new one. */
  rotateCredentials?(ref: string): Promise<void>
}

/** Why a provider's verb failed, as the reconciler needs to know it. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  /** `retry`: may pass by itself. `refused`: will not. `gone`: there is no such resource. */
  readonly kind: 'retry' | 'refused' | 'gone'
  /** Milliseconds to wait before another try, when the provider said so. */
  readonly retryAfterMs: number | undefined
  /** Whether it is certain that nothing was done: it said no, or was never asked. */
  readonly undone: boolean

  constructor(
    kind: ProviderError['kind'],
    message: string,
    more: { cause?: unknown; retryAfterMs?: number | undefined; undone?: boolean } = {},
  ) {
    super(message, { cause: more.cause })
    this.kind = kind
    this.retryAfterMs = more.retryAfterMs
    this.undone = more.undone ?? kind !== 'retry'
  }
}
