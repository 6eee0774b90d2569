import { sql } from 'kysely'
import type { IdentityDb } from '../tables.ts'

export interface KnownLogin {
  id: string
  name: string
  /** It was not ended yet. */
  stands: boolean
}

/** The logins of an account that are called so, or as one of these is: a computer that signed in again has another login. */
export async function loginsOf(
  db: IdentityDb,
  account: string,
  { name, logins }: { name: string; logins: readonly string[] },
): Promise<KnownLogin[]> {
  const ours = db.selectFrom('login').where('account_id', '=', account)
  const rows = await ours
    .select(['id', 'name', 'revoked_at'])
    .where(({ or, eb }) =>
      or([eb('name', '=', name), eb('name', 'in', ours.select('name').where('id', '=', sql<string>`ANY(${logins})`))]),
    )
    .orderBy('id')
    .execute()
  return rows.map(({ revoked_at, ...login }) => ({ ...login, stands: revoked_at === null }))
}
