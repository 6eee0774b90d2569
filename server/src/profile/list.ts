import type { Profile } from '@spoq/contracts/profile'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { toProfile } from './shape.ts'
import { listProfiles } from './store.ts'

/** The profiles of an account's machines. */
export const list = async (db: Kysely<Tables>, account: string): Promise<Profile[]> =>
  (await listProfiles(db, account)).map(toProfile)
