// What nobody asks for any more goes, and what a crash left half done is put right. Harmless to run at any time.

import { oauth } from '@spoq/contracts/login'
import { keepAccount } from '../account/store.ts'
import { endLogin } from './login/store.ts'
import type { CredentialEnded } from './revocation.ts'
import { tellForgotten } from './security/change.ts'
import type { IdentityDb } from './tables.ts'
import type { WebDeps } from './web-session.ts'

const hour = 3_600_000

/** Runs all of it once. */
export async function sweep(deps: Pick<WebDeps, 'db' | 'now' | 'mail' | 'ended'>): Promise<void> {
  const { db, ended } = deps
  const now = deps.now()
  await repairAccounts(db)
  await tellForgotten(deps)
  await endExpiredLogins(db, now, ended)
  await dropUnusedClients(db, now)
  const at = new Date(now)
  await db.deleteFrom('auth_oauth_refresh_token').where('expiresAt', '<', at).execute()
  await db
    .deleteFrom('auth_device_code')
    .where('expiresAt', '<', new Date(now - hour))
    .execute()
  await db
    .deleteFrom('login_grant')
    .where('expires_at', '<', new Date(now - hour))
    .execute()
  await db.deleteFrom('auth_verification').where('expiresAt', '<', at).execute()
  await db.deleteFrom('auth_session').where('expiresAt', '<', at).execute()
  await db.deleteFrom('trust_use').where('expires_at', '<', at).execute()
  await db
    .deleteFrom('access_token')
    .where('expires_at', '<', new Date(now - 90 * 24 * hour))
    .execute()
  await db.deleteFrom('attempt').where('until', '<', at).execute()
  await db.deleteFrom('one_time').where('expires_at', '<', at).execute()
  await db.deleteFrom('revocation').where('until', '<', at).execute()
}

/** A user whose account row a crash prevented gets it now. */
async function repairAccounts(db: IdentityDb): Promise<void> {
  const users = await db
    .selectFrom('auth_user')
    .leftJoin('account', 'account.id', 'auth_user.id')
    .select(['auth_user.id', 'auth_user.email', 'auth_user.name', 'auth_user.createdAt', 'auth_user.emailVerified'])
    .where('account.id', 'is', null)
    .execute()
  for (const user of users) await keepAccount(db, user)
}

/** A login whose every refresh token has run out is over, and its last access token with it. */
async function endExpiredLogins(db: IdentityDb, now: number, ended: CredentialEnded): Promise<void> {
  const expired = await db
    .selectFrom('login')
    .select(['id', 'account_id'])
    .where('revoked_at', 'is', null)
    .where('created_at', '<', new Date(now - 24 * hour))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('auth_oauth_refresh_token')
            .select('id')
            .whereRef('clientId', '=', 'login.client_id')
            .whereRef('userId', '=', 'login.account_id')
            .where('expiresAt', '>', new Date(now)),
        ),
      ),
    )
    .execute()
  for (const { id, account_id: account } of expired) {
    const why = { actor: 'system', reason: 'not used for too long', origin: null }
    const ending = { account, id, ...why, now, ended }
    await db.transaction().execute(tx => endLogin(tx, ending))
  }
}

/** A client that registered and never got a token within a day, or whose logins are all over, goes. */
async function dropUnusedClients(db: IdentityDb, now: number): Promise<void> {
  await db
    .deleteFrom('auth_oauth_client')
    .where('clientId', '!=', oauth.stockClient)
    .where('createdAt', '<', new Date(now - 24 * hour))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('login')
            .select('login.id')
            .whereRef('login.client_id', '=', 'auth_oauth_client.clientId')
            .where('login.revoked_at', 'is', null),
        ),
      ),
    )
    .execute()
}
