// What a provider is. Everything above it (reconciler, commands, tests) knows this interface and a capability table,
// never a provider by name.

import type { ProviderName } from '@spoq/contracts/machine'

/** What the backend wants to exist. `machine` is the tag: one wanted machine, one resource that carries it. */
export interface MachineSpec {
  /** Our machine's id: the tag that a lost create is found again by. */
  machine: string
  name: string
  /** The account whose tokens its Conductor takes. */
  owner: string
  /** Whose tokens its Conductor takes: the backend's public address, and where its public keys are. */
  issuer: string
  jwksUrl: string
}

/** What the provider has. */
export interface Resource {
  /** The provider's own name for it. */
  ref: string
  /** Our machine's id, read from the tag. */
  machine: string
  state: 'creating' | 'running' | 'stopped' | 'failed'
  /** Where its Conductor's edge answers, once known. */
  endpoint: string | null
  /** When `failed`: why, in one line for the owner. */
  reason?: string
}

export interface Capabilities {
  /** How long after a create its resource may be missing from `list`, in ms: no second create before that. */
  listLagMs: number
  /** `now`, or only at the end of the paid period. */
  deletes: 'now' | 'at-period-end'
  billsWhileOff: boolean
  /** `any`: it costs its operator nothing, so that an owner's e-mail address need not be verified first. */
  owners?: 'any'
  templates: readonly ('spoq' | 'openclaw' | 'seedbox')[]
}

/**
 * Makes machines. Every verb may be called again after a lost answer and then changes nothing more; a verb on what is
 * gone succeeds (`terminate`) or throws ProviderError `gone`. What other providers can do beyond this (rotate
 * credentials, snapshot, restore, resize) comes as optional verbs with the first provider that can.
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
  /** Removes it with all its files. */
  terminate(ref: string): Promise<void>
  /** Everything of ours that is there, whoever asked for it: what adoption and the orphan sweep look at. */
  list(): Promise<Resource[]>
}

/** Why a provider's verb failed, as the reconciler needs to know it. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  /** `retry`: may pass by itself. `refused`: will not. `gone`: there is no such resource. */
  readonly kind: 'retry' | 'refused' | 'gone'
  /** Milliseconds to wait before another try, when the provider said so. */
  readonly retryAfterMs: number | undefined

  constructor(kind: ProviderError['kind'], message: string, more: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: more.cause })
    this.kind = kind
    this.retryAfterMs = more.retryAfterMs
  }
}
