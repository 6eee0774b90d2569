import type { Account } from '@spoq/contracts/account'
import { type Generated, type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type AccountTables = {
  /** One for each of better-auth's users, with the same id. Other nouns know accounts from here. */
  account: { id: string; email: string; name: string; created_at: Date; email_verified: Generated<boolean> }
}

export type AccountDb = Kysely<Tables & AccountTables>

/** A user as better-auth has it. */
export interface AccountUser {
  id: string
  email: string
  name: string
  createdAt: Date
  emailVerified: boolean
}

/** Makes the account of a user who signed up, or corrects its name and address; harmless to repeat. */
export async function keepAccount(
  db: AccountDb,
  { id, email, name, createdAt, emailVerified }: AccountUser,
): Promise<void> {
  await db
    .insertInto('account')
    .values({ id, email, name, created_at: createdAt, email_verified: emailVerified })
    .onConflict(conflict => conflict.column('id').doUpdateSet({ email, name, email_verified: emailVerified }))
    .execute()
}

/** The account, undefined when there is none. */
export async function findAccount(db: AccountDb, id: string): Promise<Account | undefined> {
  const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) return undefined
  const { email, name, email_verified: emailVerified } = row
  return { id, email, name, emailVerified, createdAt: row.created_at.toISOString() }
}

/** The id of the account with an address, however it is written; undefined when there is none. */
export async function findByEmail(db: AccountDb, email: string): Promise<string | undefined> {
  const query = db.selectFrom('account').select('id').where(sql`lower(email)`, '=', email.toLowerCase())
  return (await query.executeTakeFirst())?.id
}

export async function anyAccount(db: AccountDb): Promise<boolean> {
  return (await db.selectFrom('account').select('id').limit(1).executeTakeFirst()) !== undefined
}
