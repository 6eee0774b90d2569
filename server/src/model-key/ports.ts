// What the verbs of an account's keys for models need from outside.

import type { AccountVendor } from '@spoq/contracts/model-key'
import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { SecretDeps, SecretPlace } from '../secret/secret.ts'
import type { CheckModelKey } from './check.ts'

export interface ModelKeyDeps extends SecretDeps {
  check: CheckModelKey
  /** Counts a key that is set. @throws SpoqError `rate_limited`. */
  count: (account: string) => void
  /** Has the account's machines told once the transaction is committed. */
  changed: (tx: Transaction<Tables>, account: string) => Promise<void>
}

/** Where a key is kept as a secret. */
export const secretOf = (account: string, vendor: AccountVendor): SecretPlace => ({
  account,
  kind: 'model-key',
  name: vendor,
})

export const resourceOf = (vendor: AccountVendor) => `model-key:${vendor}`
