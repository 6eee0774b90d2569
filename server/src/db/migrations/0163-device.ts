import { frozenSql } from '../frozen-sql.ts'

/** SSH public keys that may use a profile. One that was revoked stays, for whoever asks what it was. */
export const device = frozenSql(
  `CREATE TABLE device (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    machine_id text NOT NULL,
    profile_id text NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    source text,
    login_id text,
    last_used_at timestamptz,
    last_used_from text,
    -- When its owner was told that another account has proven the key.
    told_at timestamptz,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
  )`,
  'CREATE UNIQUE INDEX device_key ON device (profile_id, fingerprint) WHERE revoked_at IS NULL',
  'CREATE INDEX device_account ON device (account_id) WHERE revoked_at IS NULL',
  'CREATE INDEX device_fingerprint ON device (fingerprint) WHERE revoked_at IS NULL',
  'CREATE INDEX device_machine ON device (machine_id) WHERE revoked_at IS NULL',
  // Whose key it is, by a signature and not by a claim: one account has it, as long as a device of its has the key.
  `CREATE TABLE proven_key (
    fingerprint text PRIMARY KEY,
    account_id text NOT NULL,
    proven_at timestamptz NOT NULL
  )`,
  // What was let into a machine ends with it, however it ends.
  `CREATE FUNCTION end_devices() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM 1 FROM proven_key WHERE fingerprint IN
      (SELECT fingerprint FROM device WHERE machine_id = NEW.id AND revoked_at IS NULL) ORDER BY fingerprint FOR UPDATE;
    WITH ended AS (
      UPDATE device SET revoked_at = NEW.updated_at WHERE machine_id = NEW.id AND revoked_at IS NULL
      RETURNING id, fingerprint, account_id)
    DELETE FROM proven_key USING ended
      WHERE proven_key.fingerprint = ended.fingerprint AND proven_key.account_id = ended.account_id
      AND NOT EXISTS (SELECT FROM device d WHERE d.fingerprint = ended.fingerprint
        AND d.account_id = ended.account_id AND d.revoked_at IS NULL AND d.machine_id <> NEW.id);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER machine_devices AFTER UPDATE OF state ON machine FOR EACH ROW
    WHEN (NEW.state = 'terminating' AND OLD.state <> 'terminating') EXECUTE FUNCTION end_devices()`,
)
