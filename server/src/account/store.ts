import type { Account } from '@spoq/contracts/account'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type AccountTables = {
  /** One for each of better-auth's users, with the same id. Other nouns know accounts from here. */
  account: { id: string; email: string; name: string; created_at: Date }
}

export type AccountDb = Kysely<Tables & AccountTables>

/** Makes the account of a user who signed up, or corrects its name and address; harmless to repeat. */
export async function keepAccount(
  db: AccountDb,
  { id, email, name, createdAt }: { id: string; email: string; name: string; createdAt: Date },
): Promise<void> {
  await db
    .insertInto('account')
    .values({ id, email, name, created_at: createdAt })
    .onConflict(conflict => conflict.column('id').doUpdateSet({ email, name }))
    .execute()
}

/** The account, undefined when there is none. */
export async function findAccount(db: AccountDb, id: string): Promise<Account | undefined> {
  const row = await db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
  return row && { id: row.id, email: row.email, name: row.name, createdAt: row.created_at.toISOString() }
}

export async function anyAccount(db: AccountDb): Promise<boolean> {
  return (await db.selectFrom('account').select('id').limit(1).executeTakeFirst()) !== undefined
}
