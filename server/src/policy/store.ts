// The SQL of what was accepted. Nothing here decides anything.

import type { PolicyName } from '@spoq/contracts/policy'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'

interface Key {
  account: string
  policy: PolicyName
  version: string
}

/** False: it was accepted before. */
export async function putAcceptance(trx: Transaction<Tables>, { account, policy, version }: Key, now: number) {
  const row = { account_id: account, policy, version, accepted_at: new Date(now) }
  const made = trx
    .insertInto('policy_acceptance')
    .values(row)
    .onConflict(on => on.doNothing())
  return (await made.returning('version').executeTakeFirst()) !== undefined
}

/** When it was accepted. */
export async function findAcceptance(db: Kysely<Tables>, { account, policy, version }: Key): Promise<Date | undefined> {
  const query = db.selectFrom('policy_acceptance').select('accepted_at').where('account_id', '=', account)
  const row = await query.where('policy', '=', policy).where('version', '=', version).executeTakeFirst()
  return row?.accepted_at
}
