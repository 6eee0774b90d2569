import { frozenSql } from '../frozen-sql.ts'

/**
 * What better-auth changes in writes of its own and the security log is to tell: noted by triggers in the very same write,
 * and kept until the log tells it, so that a crash in between loses nothing.
 */
export const securityChange = frozenSql(
  `CREATE TABLE security_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL,
    action text NOT NULL,
    service text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  'CREATE INDEX security_change_account ON security_change (account_id)',
  `CREATE FUNCTION note_second_step() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO security_change (account_id, action)
      VALUES (NEW."id", CASE WHEN NEW."twoFactorEnabled" THEN 'totp.on' ELSE 'totp.off' END);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER auth_user_second_step AFTER UPDATE OF "twoFactorEnabled" ON "auth_user" FOR EACH ROW
    WHEN (coalesce(OLD."twoFactorEnabled", false) <> coalesce(NEW."twoFactorEnabled", false))
    EXECUTE FUNCTION note_second_step()`,
  `CREATE FUNCTION note_link() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO security_change (account_id, action, service) VALUES (NEW."userId", 'account.link', NEW."providerId");
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER auth_account_link AFTER INSERT ON "auth_account" FOR EACH ROW
    WHEN (NEW."providerId" IN ('github', 'google')) EXECUTE FUNCTION note_link()`,
)
