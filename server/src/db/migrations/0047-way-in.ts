import { frozenSql } from '../frozen-sql.ts'

/** Somebody at a service is one account here, also when two requests connect them at once; an account has one of each. */
export const wayIn = frozenSql(
  'create unique index "auth_account_provider_uidx" on "auth_account" ("providerId", "accountId")',
  'create unique index "auth_account_user_uidx" on "auth_account" ("userId", "providerId")',
)
