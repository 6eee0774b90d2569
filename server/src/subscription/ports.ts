import type { SubscriptionState } from '@spoq/contracts/subscription'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { Stripe } from '../stripe/open.ts'

/** What subscriptions need from outside. */
export interface SubscriptionPorts {
  db: Kysely<Tables>
  /** Null: nothing is sold by card here. */
  stripe: Stripe | null
  /** The address of this backend, which people are led back to. */
  baseUrl: string
  emailOf: (account: string) => Promise<string | null>
  isVerified: (account: string) => Promise<boolean>
  /** In the transaction that changes a subscription: whoever is above does what follows from it. */
  changed: (trx: Transaction<Tables>, change: SubscriptionChanged) => Promise<void>
  /** The addresses of those who run the server. */
  operators: readonly string[]
  mail: Pick<Outbox, 'put' | 'wake'>
  now: () => number
  log: Log
}

export interface SubscriptionChanged {
  account: string
  /** Its e-mail address. */
  email: string | null
  from: SubscriptionState
  to: SubscriptionState
}

/** The ports of what cannot be done without Stripe. */
export type Selling = SubscriptionPorts & { stripe: Stripe }
