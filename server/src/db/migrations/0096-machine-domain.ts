import { frozenSql } from '../frozen-sql.ts'

/** Names of their owners' that lead to machines. Many may claim one; it is whose proof stands in its DNS. */
export const machineDomain = frozenSql(
  `CREATE TABLE machine_domain (
    domain text NOT NULL,
    machine_id text NOT NULL,
    account_id text NOT NULL,
    -- What has to stand in its DNS.
    token text NOT NULL,
    created_at timestamptz NOT NULL,
    verified_at timestamptz,
    checked_at timestamptz,
    -- Looks in a row at which the proof was gone.
    missed integer NOT NULL DEFAULT 0,
    PRIMARY KEY (domain, machine_id)
  )`,
  'CREATE UNIQUE INDEX machine_domain_verified ON machine_domain (domain) WHERE verified_at IS NOT NULL',
  'CREATE INDEX machine_domain_machine ON machine_domain (machine_id)',
)
