import type { AccountVendor } from '@spoq/contracts/model-key'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Ledger } from '../ledger/ports.ts'
import type { Log } from '../log.ts'

/** Our own key for a vendor's models, and where they are asked. */
export interface CreditKey {
  key: string
  /** With the path its documentation starts at. */
  url: string
}

export interface ModelCreditPorts {
  db: Kysely<Tables>
  ledger: Ledger
  /** By which the machines' tokens are made. */
  tokenKey: string
  keys: ReadonlyMap<AccountVendor, CreditKey>
  /** The address of this backend, as machines reach it. */
  baseUrl: string
  fetch: typeof fetch
  now: () => number
  log: Log
}

/** The first moment of a month, UTC. */
export function monthOf(now: number): Date {
  const date = new Date(now)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1))
}

/** So long a call may go on, and money is set aside for it. */
export const callMs = 15 * 60_000

/** What a call's hold and its posting are called in the ledger. */
export const keyOf = (call: string): string => `model:${call}`
