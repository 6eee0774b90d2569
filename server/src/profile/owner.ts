import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { lockOwnMachine } from '../machine/owner.ts'
import { isEnding } from '../machine/state.ts'
import { findProfile, type NamedProfile } from './store.ts'

/**
 * The profile, if it is the account's and its machine is not over.
 * @throws SpoqError `profile_not_found`, also for somebody else's.
 */
export async function ownProfile(db: Kysely<Tables>, account: string, profile: string): Promise<NamedProfile> {
  const row = await findProfile(db, account, profile)
  if (!row) throw new SpoqError('profile_not_found')
  return row
}

/** The same; nobody else changes who may come into its machine, nor ends that, before the transaction ends. */
export async function lockOwnProfile(
  trx: Transaction<Tables>,
  account: string,
  profile: string,
): Promise<NamedProfile> {
  const { machine_id } = await ownProfile(trx, account, profile)
  if (isEnding((await lockOwnMachine(trx, account, machine_id)).state)) throw new SpoqError('profile_not_found')
  return ownProfile(trx, account, profile)
}
