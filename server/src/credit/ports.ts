import type { Kysely, Transaction } from 'kysely'
import type { CoinPay } from '../coinpay/open.ts'
import type { Tables } from '../db/tables.ts'
import type { Ledger } from '../ledger/ports.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { Stripe } from '../stripe/open.ts'

export interface Reach {
  isEmpty: boolean
  /** It has been for so long that what is paid from it is kept no longer. */
  isGone: boolean
  /** The owner's e-mail address. */
  to: string | null
}

/** What credit needs from outside. */
export interface CreditPorts {
  db: Kysely<Tables>
  ledger: Ledger
  /** Null: nothing is sold by card here. */
  stripe: Stripe | null
  /** Null: nothing is sold for coins here. */
  coinpay: CoinPay | null
  /** The address of this backend, which people are led back to. */
  baseUrl: string
  emailOf: (account: string) => Promise<string | null>
  isVerified: (account: string) => Promise<boolean>
  /**
   * In the transaction that finds how far the credit of an account reaches: whoever is above suspends what is paid from it,
   * lets it go on, and ends it. It may be called when nothing changed.
   */
  reaches: (trx: Transaction<Tables>, account: string, found: Reach) => Promise<void>
  /** Has it looked soon how far credit reaches. */
  wake: () => void
  mail: Pick<Outbox, 'put' | 'wake'>
  now: () => number
  log: Log
}
