// The rows of identity's own tables, and as much of better-auth's (`auth_`) as we look at ourselves.

import type { TokenScope } from '@spoq/contracts/token'
import type { ColumnType, Kysely, Selectable } from 'kysely'
import type { AccountTables } from '../account/store.ts'
import type { Tables } from '../db/tables.ts'
import type { OneTimeKind } from './one-time.ts'

export type IdentityDbTables = Tables & AccountTables & IdentityTables
export type IdentityDb = Kysely<IdentityDbTables>

export type IdentityTables = {
  login: LoginTable
  login_grant: LoginGrantTable
  attempt: AttemptTable
  one_time: OneTimeTable
  revocation: { credential: string; account: string; until: Date }
  security_change: SecurityChangeTable
  auth_user: {
    id: string
    email: string
    emailVerified: boolean
    name: string
    createdAt: Date
    twoFactorEnabled: boolean | null
  }
  auth_account: {
    id: string
    accountId: string
    providerId: string
    userId: string
    password: string | null
    createdAt: Date
    updatedAt: Date
  }
  access_token: AccessTokenTable
  trust: TrustTable
  trust_use: { token_hash: string; expires_at: Date }
  auth_session: { id: string; token: string; userId: string; createdAt: Date; expiresAt: Date }
  auth_verification: { id: string; value: string; expiresAt: Date }
  auth_device_code: { id: string; userId: string | null; userCode: string; lastPolledAt: Date | null; expiresAt: Date }
  auth_oauth_client: { id: string; clientId: string; name: string | null; createdAt: Date | null }
  auth_oauth_consent: { clientId: string; userId: string | null }
  auth_oauth_access_token: { clientId: string; userId: string | null; refreshId: string | null; expiresAt: Date }
  auth_oauth_refresh_token: {
    id: string
    token: string
    clientId: string
    userId: string
    revoked: Date | null
    rotationReplayExpiresAt: Date | null
    expiresAt: Date
  }
}

/** Written by triggers on better-auth's tables. */
interface SecurityChangeTable {
  id: ColumnType<string, never, never>
  account_id: ColumnType<string, never, never>
  /** `totp.on`, `totp.off`, `account.link`. */
  action: ColumnType<string, never, never>
  /** Of a connection: with what. */
  service: ColumnType<string | null, never, never>
  at: ColumnType<Date, never, never>
}
export type SecurityChange = Selectable<SecurityChangeTable>

interface LoginTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  client_id: ColumnType<string, string, never>
  /** The name its client registered with: that of its computer. */
  name: ColumnType<string, string, never>
  created_at: ColumnType<Date, Date, never>
  last_used_at: Date | null
  revoked_at: Date | null
}

/** A device-flow login that waits for approval: what the approval page shows beside what better-auth keeps. */
interface LoginGrantTable {
  user_code: string
  address: string
  created_at: Date
  expires_at: Date
}

interface OneTimeTable {
  kind: OneTimeKind
  account_id: string
  hash: string
  tries: number
  expires_at: Date
}

interface AttemptTable {
  key: string
  count: number
  until: Date
}

interface AccessTokenTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  name: ColumnType<string, string, never>
  /** JSON text going in, parsed coming out. */
  scopes: ColumnType<TokenScope[], string, never>
  /** The one machine it is for. */
  machine_id: ColumnType<string | null, string | null, never>
  /** SHA-256 of the secret. */
  hash: ColumnType<string, string, never>
  created_at: ColumnType<Date, Date, never>
  expires_at: ColumnType<Date, Date, never>
  last_used_at: Date | null
  last_used_from: string | null
  revoked_at: Date | null
}

/** A repository's jobs on a ref that may have a token of an account. */
interface TrustTable {
  id: ColumnType<string, string, never>
  account_id: ColumnType<string, string, never>
  repository_id: ColumnType<string, string, never>
  ref: ColumnType<string, string, never>
  scopes: ColumnType<TokenScope[], string, never>
  machine_id: ColumnType<string | null, string | null, never>
  created_at: ColumnType<Date, Date, never>
  last_used_at: Date | null
}
