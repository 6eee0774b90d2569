import { frozenSql } from '../frozen-sql.ts'

/** What a server was set up for when that was last done, apart from what it is being set up for now. */
export const machineRenewal = frozenSql(
  'ALTER TABLE machine_setup ADD COLUMN made_endpoint text',
  'ALTER TABLE machine_setup ADD COLUMN made_issuer text',
  'ALTER TABLE machine_setup ADD COLUMN over_ssh boolean NOT NULL DEFAULT false',
  'ALTER TABLE machine_setup ADD COLUMN attempts integer NOT NULL DEFAULT 0',
  'ALTER TABLE machine_setup ADD COLUMN next_attempt_at timestamptz',
  'UPDATE machine_setup SET made_endpoint = endpoint, made_issuer = issuer WHERE done_at IS NOT NULL',
)
