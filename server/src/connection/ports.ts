// What the verbs of connections need from outside.

import type { LookupAddress } from 'node:dns'
import type { SecretDeps, SecretPlace } from '../secret/secret.ts'
import type { ConnectionRow } from './store.ts'

export interface ConnectionPorts extends SecretDeps {
  /** Whether servers of owners become machines here: they need a domain for their names. */
  isOffered: boolean
  /** Private addresses too: this backend runs on its owner's own computer, or its operator said so. */
  anyAddress: boolean
  resolve: Resolve
  /** Counts that we connect to a server for an account. @throws SpoqError `rate_limited`. */
  count: (account: string) => void
}

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<LookupAddress[]>

/** Where the private key of a connection is kept as a secret. */
export const secretOf = ({ account_id, id }: Pick<ConnectionRow, 'account_id' | 'id'>): SecretPlace => ({
  account: account_id,
  kind: 'ssh-key',
  name: id,
})
