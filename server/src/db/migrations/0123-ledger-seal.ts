import { frozenLedgerSql } from '../frozen-sql.ts'

/** The chain of hashes. `ledger/verify` computes it once more, by its own statements. */
export const ledgerSeal = frozenLedgerSql(
  // Seals what is committed and not sealed yet, so much at most. Answers how many; 0: nothing was left.
  `CREATE FUNCTION ledger.seal(most int, at timestamptz) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
  DECLARE
    ids bigint[]; last block; content text;
  BEGIN
    LOCK TABLE block IN SHARE ROW EXCLUSIVE MODE;
    SELECT array_agg(tx) INTO ids FROM (SELECT tx FROM unsealed ORDER BY tx LIMIT most) part;
    IF ids IS NULL THEN RETURN 0; END IF;
    SELECT * INTO last FROM block ORDER BY n DESC LIMIT 1;
    SELECT string_agg(jsonb_build_array(tx.id, tx.idem_key, encode(tx.idem_hash, 'hex'), tx.kind,
        (extract(epoch FROM tx.effective_at) * 1000000)::bigint, (extract(epoch FROM tx.recorded_at) * 1000000)::bigint,
        tx.reverses, tx.note, (
          SELECT jsonb_agg(jsonb_build_array(entry.line, account.code, entry.currency, entry.amount, entry.balance_after,
            entry.version) ORDER BY entry.line)
          FROM entry JOIN account ON account.id = entry.account WHERE entry.tx = tx.id
        ))::text, E'\\n' ORDER BY tx.id)
      INTO content FROM tx WHERE tx.id = ANY (ids);
    INSERT INTO block (n, previous, hash, made_at)
      SELECT coalesce(last.n, 0) + 1, coalesce(last.hash, ''), sha256(coalesce(last.hash, '') || convert_to(content, 'UTF8')), at;
    INSERT INTO sealed (tx, block) SELECT unnest(ids), coalesce(last.n, 0) + 1;
    DELETE FROM unsealed WHERE tx = ANY (ids);
    RETURN cardinality(ids);
  END $$`,
  `DO $$
  BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION ledger.seal(int, timestamptz) TO %I', session_user);
  END $$`,
)
