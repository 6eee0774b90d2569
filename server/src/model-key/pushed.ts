// What machines are told of their account's keys for models.

import type { PushedModelKey } from '@spoq/contracts/access'
import { SpoqError } from '@spoq/contracts/problem'
import { SealBroken } from '@spoq/kit/sealed-file'
import * as z from 'zod/mini'
import { type Log, textOf } from '../log.ts'
import { open } from '../secret/open.ts'
import type { SecretDeps } from '../secret/secret.ts'
import { secretOf } from './ports.ts'
import { listModelKeys } from './store.ts'

/** Stands for the keys of an account where they must not be seen: it is another one whenever one of them is. */
export type KeyVersions = readonly string[]

export interface AccountKeys {
  /** The versions of each of these accounts; one without keys is left out. */
  versionsOf(accounts: readonly string[]): Promise<Map<string, KeyVersions>>
  /** The keys in the clear, with their versions; `keys` is null when the key service does not answer. */
  openOf(account: string, machine: string): Promise<{ versions: KeyVersions; keys: PushedModelKey[] | null }>
}

const sealed = z.object({ key: z.string(), url: z.string() })

/** The same keys for all machines of an account. */
type SameForAll = Omit<AccountKeys, 'openOf'> & { openOf(account: string): ReturnType<AccountKeys['openOf']> }

export function accountKeys(deps: Pick<SecretDeps, 'db' | 'keys'> & { log: Log }): SameForAll {
  const { db, log } = deps

  async function versionsOf(accounts: readonly string[]) {
    const rows = Map.groupBy(await listModelKeys(db, accounts), row => row.account_id)
    return new Map([...rows].map(([account, keys]) => [account, keys.map(row => row.secret_id)]))
  }

  async function openOf(account: string) {
    const versions: string[] = []
    const keys: PushedModelKey[] = []
    try {
      for (const { vendor, secret_id } of await listModelKeys(db, [account])) {
        const text = await opened(account, vendor, secret_id)
        // Replaced or removed just now: the next look sees that the machine knows less than there is.
        if (text === null) continue
        versions.push(secret_id)
        if (text !== broken) keys.push({ vendor, ...sealed.parse(JSON.parse(text)) })
      }
      return { versions, keys }
    } catch (error) {
      if (!(error instanceof SpoqError) || error.code !== 'unavailable') throw error
      return { versions: [], keys: null }
    }
  }

  /** One key that does not open keeps no machine from its others, nor from whom it is to refuse. */
  async function opened(account: string, vendor: Parameters<typeof secretOf>[1], id: string) {
    try {
      return await open(deps, id, secretOf(account, vendor))
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error
      log('error', 'model-key.broken', { account, vendor, error: textOf(error) })
      return broken
    }
  }

  return { versionsOf, openOf }
}

const broken = Symbol('broken')
