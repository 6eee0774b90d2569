import { frozenSql } from '../frozen-sql.ts'

/** What better-auth's two-factor plugin adds, as its own generator wrote it. */
export const twoFactor = frozenSql(
  'alter table "auth_user" add column "twoFactorEnabled" boolean',
  `create table "auth_two_factor" (
    "id" text not null primary key,
    "secret" text not null,
    "backupCodes" text not null,
    "userId" text not null references "auth_user" ("id") on delete cascade,
    "verified" boolean,
    "failedVerificationCount" integer,
    "lockedUntil" timestamptz
  )`,
  'create index "auth_two_factor_secret_idx" on "auth_two_factor" ("secret")',
  'create index "auth_two_factor_userId_idx" on "auth_two_factor" ("userId")',
)
