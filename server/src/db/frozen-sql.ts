import { SpoqError } from '@spoq/contracts/problem'
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A migration of plain statements. They are text, so that a later change of our code cannot change what they did. */
export function frozenSql(...statements: string[]): Migration {
  return { up: db => runEach(db, statements) }
}

/**
 * The same, by the role that owns the ledger. Whoever migrates belongs to it for that long only, so that the backend itself
 * cannot become it: the transaction of the migrations ends with the membership taken back.
 * @throws SpoqError `config_invalid` where the user of DATABASE_URL may not do that and nobody has prepared it.
 */
export function frozenLedgerSql(...statements: string[]): Migration {
  return {
    async up(db) {
      await becomeLedger(db)
      await runEach(db, ['SET LOCAL ROLE spoq_ledger', ...statements, 'RESET ROLE', takeBack])
    },
  }
}

async function runEach(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

async function becomeLedger(db: Kysely<unknown>): Promise<void> {
  await runEach(db, [makeRole, join, makeSchema]).catch(cause => {
    if ((cause as { code?: string }).code !== '42501') throw cause
    throw new SpoqError('config_invalid', { cause, message: notAllowed((cause as Error).message) })
  })
}

const notAllowed = (statements: string) =>
  `DATABASE_URL: this user may not set up the role that owns the ledger; an administrator runs: ${statements}`

/** Roles belong to all databases of a server: another may make it in this very moment. */
const makeRole = `DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'spoq_ledger') THEN CREATE ROLE spoq_ledger NOLOGIN; END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'CREATE ROLE spoq_ledger NOLOGIN; GRANT spoq_ledger TO %; and after the first start: REVOKE spoq_ledger FROM %;',
      quote_ident(session_user), quote_ident(session_user) USING ERRCODE = 'insufficient_privilege';
END $$`

/** Databases that migrate at once under one user wait for each other here, or meet one that has just ended. */
const join = `DO $$
BEGIN
  IF pg_has_role(session_user, 'spoq_ledger', 'MEMBER') THEN RETURN; END IF;
  FOR tries IN 1..20 LOOP
    BEGIN
      EXECUTE format('GRANT spoq_ledger TO %I', session_user);
      PERFORM set_config('spoq.joined_ledger', 'yes', true);
      RETURN;
    EXCEPTION
      WHEN unique_violation OR internal_error THEN PERFORM pg_sleep(0.05);
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'GRANT spoq_ledger TO %; and after the first start: REVOKE spoq_ledger FROM %;',
          quote_ident(session_user), quote_ident(session_user) USING ERRCODE = 'insufficient_privilege';
    END;
  END LOOP;
  RAISE EXCEPTION 'another database of this server is being set up; start this again';
END $$`

const makeSchema = 'CREATE SCHEMA IF NOT EXISTS ledger AUTHORIZATION spoq_ledger'

const takeBack = `DO $$
BEGIN
  IF current_setting('spoq.joined_ledger', true) = 'yes' THEN
    EXECUTE format('REVOKE spoq_ledger FROM %I', session_user);
    PERFORM set_config('spoq.joined_ledger', 'no', true);
  END IF;
END $$`
