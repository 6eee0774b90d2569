import { frozenSql } from '../frozen-sql.ts'

/** Ways to servers that their owners brought. The private keys are secrets; here they are named. */
export const connection = frozenSql(
  `CREATE TABLE connection (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    address text NOT NULL,
    port integer NOT NULL,
    login_name text NOT NULL,
    secret_id text NOT NULL REFERENCES secret (id),
    public_key text NOT NULL,
    -- The key that is to come in the place of this one.
    next_secret_id text REFERENCES secret (id),
    next_public_key text,
    -- The one before, while it may still open the server.
    old_public_key text,
    -- As its owner confirmed it.
    host_key text,
    machine_id text UNIQUE REFERENCES machine (id) ON DELETE SET NULL,
    -- Nothing of its machine is left on the server but the key.
    cleaned_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, address, port, login_name)
  )`,
)
