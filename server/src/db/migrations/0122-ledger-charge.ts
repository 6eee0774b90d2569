import { frozenLedgerSql } from '../frozen-sql.ts'

/** Many charges at once. */
export const ledgerCharge = frozenLedgerSql(
  // Takes what waits of a run, so many at most: charges all who have the money and marks the others. Answers how many of each;
  // none of both: nothing waits that another is not at.
  `CREATE FUNCTION ledger.charge(of_run text, onto text, kind text, most int, at timestamptz) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
  #variable_conflict use_column
  DECLARE
    codes text[]; amounts bigint[]; ids bigint[]; target account; answer jsonb;
  BEGIN
    SELECT * INTO target FROM account WHERE code = onto AND NOT guarded;
    IF NOT FOUND THEN RAISE EXCEPTION 'there is no account % of the platform', onto; END IF;
    SELECT array_agg(account), array_agg(amount) INTO codes, amounts FROM (
      SELECT account, amount FROM due WHERE run = of_run AND state = 'waiting'
      ORDER BY account LIMIT most FOR NO KEY UPDATE SKIP LOCKED
    ) mine;
    SELECT array_agg(id) INTO ids FROM account WHERE code = ANY (codes) AND guarded;
    PERFORM FROM account WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM open_hold WHERE account = ANY (ids) AND expires_at <= at) THEN PERFORM expire_of(ids, at); END IF;
    WITH judged AS MATERIALIZED (
      SELECT mine.code, mine.amount, account.id, account.currency, account.balance, account.version,
        coalesce(account.balance - account.held - mine.amount >= account.floor, false) AS pays
      FROM unnest(codes, amounts) AS mine (code, amount)
      LEFT JOIN account ON account.code = mine.code AND account.guarded AND account.currency = target.currency
    ), answered AS MATERIALIZED (
      SELECT CASE WHEN pays THEN nextval('tx_id') END AS tx, judged.* FROM judged
    ), paid AS MATERIALIZED (
      SELECT * FROM answered WHERE pays
    ), posted AS (
      INSERT INTO tx (id, idem_key, idem_hash, kind, effective_at, recorded_at)
        SELECT tx, 'due:' || of_run || ':' || code, sha256(convert_to(onto || ' ' || amount, 'UTF8')), charge.kind, at, at FROM paid
    ), entered AS (
      INSERT INTO entry (tx, line, account, currency, amount, balance_after, version)
        SELECT tx, 1, id, currency, -amount, balance - amount, version + 1 FROM paid
        UNION ALL SELECT tx, 2, target.id, currency, amount, NULL, NULL FROM paid
    ), waiting AS (
      INSERT INTO unsealed (tx) SELECT tx FROM paid
    ), taken AS (
      UPDATE account SET balance = account.balance - paid.amount, version = account.version + 1
        FROM paid WHERE account.id = paid.id
    ), marked AS (
      UPDATE due SET state = CASE WHEN answered.pays THEN 'charged' ELSE 'short' END, tx = answered.tx
        FROM answered WHERE due.run = of_run AND due.account = answered.code
    )
    SELECT jsonb_build_object('charged', count(*) FILTER (WHERE pays), 'short', count(*) FILTER (WHERE NOT pays))
      INTO answer FROM judged;
    RETURN answer;
  END $$`,
  `DO $$
  BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION ledger.charge(text, text, text, int, timestamptz) TO %I', session_user);
  END $$`,
)
