// What machines are told where their account has models on Spoq credit: as if the backend were the vendor, and the machine's own
// token the key. An account's own key goes before.

import type { AccountKeys } from '../model-key/pushed.ts'
import type { ModelCreditPorts } from './ports.ts'
import { relayPath } from './relay.ts'
import { findCredit, listCredits } from './store.ts'
import { makeToken } from './token.ts'

type Ports = Pick<ModelCreditPorts, 'db' | 'tokenKey' | 'keys' | 'baseUrl'>

/** The keys of accounts, and for vendors that they have none of, those of Spoq credit. */
export function withCredit(own: AccountKeys, { db, tokenKey, keys, baseUrl }: Ports): AccountKeys {
  const vendors = [...keys.keys()]
  const versionOf = (generation: number) => `credit ${generation} ${vendors.join(' ')}`
  return {
    async versionsOf(accounts) {
      const [versions, credits] = await Promise.all([own.versionsOf(accounts), listCredits(db, accounts)])
      for (const { account_id, is_on, generation } of credits)
        if (is_on) versions.set(account_id, [...(versions.get(account_id) ?? []), versionOf(generation)])
      return versions
    },
    async openOf(account, machine) {
      const [opened, credit] = await Promise.all([own.openOf(account, machine), findCredit(db, account)])
      if (!credit?.is_on || opened.keys === null) return opened
      const { keys: their } = opened
      const missing = vendors.filter(vendor => !their.some(key => key.vendor === vendor))
      const key = makeToken(tokenKey, { machine, generation: credit.generation })
      return {
        versions: [...opened.versions, versionOf(credit.generation)],
        keys: [...their, ...missing.map(vendor => ({ vendor, url: `${baseUrl}${relayPath}${vendor}`, key }))],
      }
    },
  }
}
