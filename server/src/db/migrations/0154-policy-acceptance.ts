import { frozenSql } from '../frozen-sql.ts'

/** Who accepted which version of what, and when. */
export const policyAcceptance = frozenSql(
  `CREATE TABLE policy_acceptance (
    account_id text NOT NULL,
    policy text NOT NULL,
    version text NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, policy, version)
  )`,
)
