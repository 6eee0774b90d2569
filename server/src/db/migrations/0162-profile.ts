import { frozenSql } from '../frozen-sql.ts'

/** Login names on machines. Each machine has its default one from when it is somebody's, by whatever way it came to be so. */
export const profile = frozenSql(
  `CREATE TABLE profile (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    machine_id text NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    may_forward boolean NOT NULL,
    may_tty boolean NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (machine_id, name)
  )`,
  'CREATE UNIQUE INDEX profile_default ON profile (machine_id) WHERE is_default',
  'CREATE INDEX profile_account ON profile (account_id)',
  `CREATE FUNCTION add_default_profile() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO profile (id, account_id, machine_id, name, is_default, may_forward, may_tty, created_at)
      VALUES ('prof_' || left(replace(gen_random_uuid()::text, '-', ''), 20), NEW.account_id, NEW.id, 'spoq', true,
        false, true, NEW.created_at)
      ON CONFLICT DO NOTHING;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER machine_profile AFTER INSERT OR UPDATE OF account_id ON machine FOR EACH ROW
    WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION add_default_profile()`,
  `INSERT INTO profile (id, account_id, machine_id, name, is_default, may_forward, may_tty, created_at)
    SELECT 'prof_' || left(replace(gen_random_uuid()::text, '-', ''), 20), account_id, id, 'spoq', true, false, true,
      created_at
    FROM machine WHERE account_id IS NOT NULL`,
)
