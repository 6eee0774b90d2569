import { frozenLedgerSql } from '../frozen-sql.ts'

/**
 * The tables of the ledger, and what refuses every way to change them but its functions. They belong to a role that nobody
 * signs in as.
 */
export const ledger = frozenLedgerSql(
  'ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
  // A customer's account: guarded, `floor` 0. Positive is what we owe. The platform's own accounts are never locked: their
  // balance is the sum of their entries.
  `CREATE TABLE ledger.account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z]+(:[A-Za-z0-9_-]{1,100})?$'),
    owner text,
    currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
    guarded boolean NOT NULL,
    floor bigint NOT NULL DEFAULT 0,
    -- How far disputes and refunds, and they alone, have taken it below its floor.
    overdraft bigint NOT NULL DEFAULT 0 CHECK (overdraft >= 0),
    balance bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    version bigint NOT NULL DEFAULT 0,
    CHECK (NOT guarded OR balance - held >= floor - overdraft),
    CHECK (guarded OR (balance = 0 AND held = 0 AND version = 0 AND overdraft = 0))
  ) WITH (fillfactor = 70)`,
  'CREATE SEQUENCE ledger.tx_id',
  `CREATE TABLE ledger.tx (
    id bigint PRIMARY KEY,
    idem_key text NOT NULL UNIQUE,
    idem_hash bytea NOT NULL,
    kind text NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    reverses bigint UNIQUE REFERENCES ledger.tx,
    note text
  )`,
  `CREATE TABLE ledger.entry (
    -- whole_tx sees that both are there: for all lines at once that is a fraction of what foreign keys cost.
    tx bigint NOT NULL,
    line smallint NOT NULL,
    account bigint NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    -- Of guarded accounts alone.
    balance_after bigint,
    version bigint,
    PRIMARY KEY (tx, line),
    UNIQUE (account, version),
    CHECK ((balance_after IS NULL) = (version IS NULL))
  )`,
  'CREATE SEQUENCE ledger.hold_id',
  `CREATE TABLE ledger.hold (
    id bigint PRIMARY KEY,
    account bigint NOT NULL REFERENCES ledger.account,
    amount bigint NOT NULL CHECK (amount > 0),
    idem_key text NOT NULL UNIQUE,
    idem_hash bytea NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > made_at)
  )`,
  `CREATE TABLE ledger.hold_end (
    hold bigint PRIMARY KEY REFERENCES ledger.hold,
    how text NOT NULL CHECK (how IN ('captured', 'released', 'expired')),
    tx bigint REFERENCES ledger.tx,
    ended_at timestamptz NOT NULL,
    CHECK ((how = 'captured') = (tx IS NOT NULL))
  )`,
  // Those without an end, so that nobody looks for them among all there ever were.
  `CREATE TABLE ledger.open_hold (
    hold bigint PRIMARY KEY REFERENCES ledger.hold,
    account bigint NOT NULL,
    amount bigint NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX open_hold_account ON ledger.open_hold (account, expires_at)',
  'CREATE INDEX open_hold_expires ON ledger.open_hold (expires_at)',
  `CREATE TABLE ledger.block (
    n bigint PRIMARY KEY,
    previous bytea NOT NULL,
    hash bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL
  )`,
  `CREATE TABLE ledger.sealed (
    tx bigint PRIMARY KEY REFERENCES ledger.tx,
    block bigint NOT NULL REFERENCES ledger.block
  )`,
  'CREATE INDEX sealed_block ON ledger.sealed (block)',
  // Those that no block has yet, for the same reason.
  'CREATE TABLE ledger.unsealed (tx bigint PRIMARY KEY)',
  // What a run of charges is to take, filled by whoever knows the amounts. No money moves by a row here.
  `CREATE TABLE ledger.due (
    run text NOT NULL CHECK (run ~ '^[A-Za-z0-9._-]{1,64}$'),
    account text NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'charged', 'short')),
    tx bigint REFERENCES ledger.tx,
    PRIMARY KEY (run, account),
    CHECK ((state = 'charged') = (tx IS NOT NULL))
  )`,
  `CREATE INDEX due_waiting ON ledger.due (run, account) WHERE state = 'waiting'`,

  `CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
  BEGIN
    RAISE EXCEPTION 'ledger.% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END $$`,
  // Holds as well where the backend's user owns the database, or may do anything.
  `CREATE FUNCTION ledger.only_by_verb() RETURNS trigger LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
  BEGIN
    IF current_user <> 'spoq_ledger' THEN
      RAISE EXCEPTION 'ledger.% is changed by the functions of the ledger alone', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
  END $$`,
  // A transaction is there, and its lines come all at once and sum up to nothing. Whatever comes has line 1 with it, and that is there once.
  `CREATE FUNCTION ledger.whole_tx() RETURNS trigger LANGUAGE plpgsql
  SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
  DECLARE
    wrong record;
  BEGIN
    -- OFFSET 0: else all transactions there ever were are read, to look these up among them.
    SELECT tx, bool_or(total <> 0) AS is_unbalanced INTO wrong
    FROM (
      SELECT tx, sum(amount) AS total, count(*) AS lines, min(line) AS first
      FROM added GROUP BY tx, currency
    ) of_currency
    GROUP BY tx HAVING bool_or(total <> 0) OR sum(lines) < 2 OR min(first) <> 1
        OR NOT EXISTS (SELECT FROM tx known WHERE known.id = of_currency.tx OFFSET 0) LIMIT 1;
    IF wrong.is_unbalanced THEN
      RAISE EXCEPTION 'the lines of transaction % do not sum up to nothing', wrong.tx USING ERRCODE = 'check_violation';
    ELSIF FOUND THEN
      RAISE EXCEPTION 'the lines of transaction % do not come all at once', wrong.tx USING ERRCODE = 'check_violation';
    END IF;
    SELECT tx INTO wrong FROM added WHERE NOT EXISTS (
      SELECT FROM account WHERE id = added.account AND currency = added.currency OFFSET 0
    ) LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'a line of transaction % has no account of its currency', wrong.tx USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE FUNCTION ledger.due_waits() RETURNS trigger LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
  BEGIN
    RAISE EXCEPTION 'what is due is written as waiting' USING ERRCODE = 'insufficient_privilege';
  END $$`,
  `DO $$
  DECLARE
    name text;
    one text;
  BEGIN
    FOREACH name IN ARRAY ARRAY['account', 'tx', 'entry', 'hold', 'hold_end', 'open_hold', 'block', 'sealed', 'unsealed', 'due'] LOOP
      EXECUTE format('CREATE TRIGGER by_verb BEFORE %s ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.only_by_verb()',
        CASE name WHEN 'due' THEN 'UPDATE OR DELETE' ELSE 'INSERT OR UPDATE OR DELETE' END, name);
      EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', name);
      EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER by_verb, ENABLE ALWAYS TRIGGER no_truncate', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['tx', 'entry', 'hold', 'hold_end', 'block', 'sealed'] LOOP
      EXECUTE format('CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', name);
      EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER no_change', name);
    END LOOP;
  END $$`,
  `CREATE TRIGGER no_change BEFORE DELETE OR UPDATE OF id, code, currency, guarded ON ledger.account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()`,
  `CREATE TRIGGER whole_tx AFTER INSERT ON ledger.entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.whole_tx()`,
  `CREATE TRIGGER waits BEFORE INSERT ON ledger.due FOR EACH ROW
    WHEN (NEW.state <> 'waiting' OR NEW.tx IS NOT NULL) EXECUTE FUNCTION ledger.due_waits()`,
  'ALTER TABLE ledger.account ENABLE ALWAYS TRIGGER no_change',
  'ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER whole_tx',
  'ALTER TABLE ledger.due ENABLE ALWAYS TRIGGER waits',

  `INSERT INTO ledger.account (code, currency, guarded)
    SELECT code, 'usd', false FROM unnest(ARRAY['card', 'crypto', 'revenue', 'usage', 'manual', 'dispute']) AS code`,
  `DO $$
  BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA ledger TO %I', session_user);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO %I', session_user);
    EXECUTE format('GRANT INSERT (run, account, amount) ON ledger.due TO %I', session_user);
  END $$`,
)
