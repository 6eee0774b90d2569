import { frozenLedgerSql } from '../frozen-sql.ts'

/**
 * Postings. All functions lock guarded accounts before anything else, in the order of their ids. Plans are kept for as long as a
 * connection lives, also those that were made while a table was small: what is looked up is looked up by its index, row by row.
 */
export const ledgerPost = frozenLedgerSql(
  `CREATE FUNCTION ledger.open(codes text[]) RETURNS void LANGUAGE sql SET search_path = ledger, pg_temp AS $$
    INSERT INTO account (code, owner, currency, guarded)
      SELECT DISTINCT code, split_part(code, ':', 2), 'usd', true FROM unnest(codes) AS asked (code)
      WHERE code LIKE 'customer:%' AND NOT EXISTS (SELECT FROM account WHERE account.code = asked.code)
      ORDER BY code
      ON CONFLICT DO NOTHING
  $$`,

  // Ends what is due of accounts that the caller has locked. A hold is over at the very moment of `expires_at`.
  `CREATE FUNCTION ledger.expire_of(ids bigint[], at timestamptz) RETURNS bigint
  LANGUAGE sql SET search_path = ledger, pg_temp AS $$
    WITH over AS (
      DELETE FROM open_hold WHERE account = ANY (ids) AND expires_at <= at RETURNING hold, account, amount
    ), ended AS (
      INSERT INTO hold_end (hold, how, ended_at) SELECT hold, 'expired', at FROM over
    ), freed AS (
      UPDATE account SET held = held - mine.amount,
        overdraft = least(overdraft, greatest(0, floor - balance + held - mine.amount))
      FROM (SELECT account, sum(amount)::bigint AS amount FROM over GROUP BY account) mine WHERE id = mine.account
    )
    SELECT count(*) FROM over
  $$`,

  // Judges each of the posts by itself and answers each, in their order: `{tx, at, after}`, or `{refused, ...}`. A post has
  // `key`, `kind`, and `lines` [{account, amount}] or `reverses`; perhaps `effectiveAt`, `captures`, `note`. No key comes twice.
  `CREATE FUNCTION ledger.post(posts jsonb, at timestamptz) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
  #variable_conflict use_column
  DECLARE
    most CONSTANT bigint := 4000000000000000000;
    l_post int[]; l_line int[]; l_code text[]; l_amount bigint[];
    a_of jsonb; a_id bigint[]; a_code text[]; a_currency text[]; a_guarded boolean[];
    a_floor bigint[]; a_balance bigint[]; a_held bigint[]; a_version bigint[]; a_overdraft bigint[];
    t_id bigint[] := '{}'; t_post int[] := '{}'; t_hash bytea[] := '{}';
    e_tx bigint[] := '{}'; e_line int[] := '{}'; e_account int[] := '{}'; e_amount bigint[] := '{}';
    e_after bigint[] := '{}'; e_version bigint[] := '{}';
    h_id bigint[] := '{}'; h_tx bigint[] := '{}'; reversed bigint[] := '{}';
    answers jsonb[] := '{}';
    answer jsonb; after jsonb;
    post record;
    a int; amount bigint; freed bigint; total bigint; free bigint; overdraws boolean; opened boolean := false; id bigint; written bigint;
  BEGIN
    SELECT array_agg(line.post), array_agg(line.line), array_agg(line.code), array_agg(line.amount)
      INTO l_post, l_line, l_code, l_amount
    FROM (
      SELECT p.n::int AS post, l.n::int AS line, l.body ->> 'account' AS code, (l.body ->> 'amount')::bigint AS amount
        FROM jsonb_array_elements(posts) WITH ORDINALITY p (body, n),
          jsonb_array_elements(p.body -> 'lines') WITH ORDINALITY l (body, n)
        WHERE NOT p.body ? 'reverses'
      UNION ALL
      SELECT p.n, entry.line, account.code, -entry.amount
        FROM jsonb_array_elements(posts) WITH ORDINALITY p (body, n)
        CROSS JOIN LATERAL (SELECT * FROM entry WHERE tx = (p.body ->> 'reverses')::bigint OFFSET 0) entry
        CROSS JOIN LATERAL (SELECT code FROM account WHERE id = entry.account OFFSET 0) account
        WHERE p.body ? 'reverses'
    ) line;
    PERFORM FROM account WHERE code = ANY (l_code) AND guarded ORDER BY account.id FOR NO KEY UPDATE;
    LOOP
      SELECT array_agg(account.id), array_agg(code), array_agg(currency), array_agg(guarded), array_agg(floor),
          array_agg(balance), array_agg(held), array_agg(version), array_agg(overdraft)
        INTO a_id, a_code, a_currency, a_guarded, a_floor, a_balance, a_held, a_version, a_overdraft
      FROM account WHERE code = ANY (l_code);
      SELECT coalesce(jsonb_object_agg(code, n), '{}') INTO a_of FROM unnest(a_code) WITH ORDINALITY AS known (code, n);
      IF NOT opened AND EXISTS (SELECT FROM unnest(l_code) AS asked WHERE asked LIKE 'customer:%' AND NOT a_of ? asked) THEN
        opened := true;
        PERFORM open(l_code);
        PERFORM FROM account WHERE code = ANY (l_code) AND guarded ORDER BY account.id FOR NO KEY UPDATE;
        CONTINUE;
      END IF;
      EXIT WHEN NOT coalesce(0 < ANY (a_held), false) OR expire_of(a_id, at) = 0;
    END LOOP;

    FOR post IN
      WITH line AS (
        SELECT known.*, sum(amount) OVER (PARTITION BY post, a_currency[n]) AS left_over
        FROM (
          SELECT l.post, l.line, l.amount, (a_of ->> l.code)::int AS n
          FROM unnest(l_post, l_line, l_code, l_amount) AS l (post, line, code, amount)
        ) known
      ), shape AS (
        SELECT line.post, array_agg(n ORDER BY line) AS accounts, array_agg(line.amount ORDER BY line) AS amounts,
          CASE
            WHEN bool_or(n IS NULL) THEN 'account_unknown'
            WHEN count(DISTINCT n) < count(*) THEN 'account_twice'
            WHEN bool_or(left_over <> 0) OR bool_or(line.amount = 0) THEN 'unbalanced'
          END AS wrong
        FROM line GROUP BY line.post
      )
      SELECT p.n::int AS n, p.body, p.body ->> 'kind' AS kind, p.body ? 'captures' AS captures,
        sha256(convert_to((p.body - 'key')::text, 'UTF8')) AS hash,
        shape.accounts, shape.amounts, shape.wrong,
        known.id AS known, known.idem_hash AS known_hash, known.recorded_at AS known_at,
        hold.id AS hold, open_hold.expires_at > at AS hold_is_open, hold.amount AS hold_amount,
        array_position(a_id, hold.account) AS hold_account,
        (p.body ->> 'reverses')::bigint AS reverses, undone.id IS NOT NULL AS is_reversed
      FROM jsonb_array_elements(posts) WITH ORDINALITY p (body, n)
      LEFT JOIN shape ON shape.post = p.n
      LEFT JOIN LATERAL (SELECT * FROM tx WHERE idem_key = p.body ->> 'key' OFFSET 0) known ON true
      LEFT JOIN LATERAL (SELECT * FROM hold WHERE id = (p.body ->> 'captures')::bigint OFFSET 0) hold ON true
      LEFT JOIN LATERAL (SELECT * FROM open_hold WHERE open_hold.hold = hold.id OFFSET 0) open_hold ON true
      LEFT JOIN LATERAL (SELECT id FROM tx WHERE tx.reverses = (p.body ->> 'reverses')::bigint OFFSET 0) undone ON true
      ORDER BY p.n
    LOOP
      answer := NULL;
      IF post.known IS NOT NULL THEN
        IF post.known_hash <> post.hash THEN
          answer := '{"refused": "key_reused"}';
        ELSE
          SELECT jsonb_build_object('tx', post.known::text, 'at', post.known_at, 'after',
              coalesce(jsonb_object_agg(code, balance_after::text) FILTER (WHERE balance_after IS NOT NULL), '{}'))
            INTO answer FROM entry JOIN account ON account.id = entry.account WHERE entry.tx = post.known;
        END IF;
      ELSIF post.reverses IS NOT NULL AND (post.is_reversed OR post.reverses = ANY (reversed)) THEN
        answer := '{"refused": "already_reversed"}';
      ELSIF post.accounts IS NULL THEN
        answer := jsonb_build_object('refused', CASE WHEN post.reverses IS NULL THEN 'unbalanced' ELSE 'tx_unknown' END);
      ELSIF post.wrong IS NOT NULL THEN
        answer := jsonb_build_object('refused', post.wrong);
      ELSIF post.captures AND (NOT coalesce(post.hold_is_open, false) OR post.hold = ANY (h_id)) THEN
        answer := '{"refused": "hold_ended"}';
      ELSIF post.captures AND NOT coalesce(post.hold_account = ANY (post.accounts), false) THEN
        answer := '{"refused": "hold_elsewhere"}';
      ELSE
        overdraws := post.kind IN ('dispute', 'refund');
        FOR i IN 1 .. cardinality(post.accounts) LOOP
          a := post.accounts[i];
          CONTINUE WHEN NOT a_guarded[a];
          amount := post.amounts[i];
          freed := CASE WHEN post.captures AND a = post.hold_account THEN post.hold_amount ELSE 0 END;
          total := a_balance[a] + amount;
          IF abs(total) > most THEN
            answer := '{"refused": "too_large"}';
          ELSIF amount + freed < 0 AND NOT overdraws AND total - a_held[a] + freed < a_floor[a] THEN
            answer := jsonb_build_object('refused', 'credit_short', 'account', a_code[a],
              'there', greatest(0, a_balance[a] - a_held[a] + freed - a_floor[a])::text, 'needed', (-amount)::text);
          END IF;
        END LOOP;
      END IF;

      IF answer IS NULL THEN
        id := nextval('tx_id');
        after := '{}';
        FOR i IN 1 .. cardinality(post.accounts) LOOP
          a := post.accounts[i];
          amount := post.amounts[i];
          e_tx := array_append(e_tx, id);
          e_line := array_append(e_line, i);
          e_account := array_append(e_account, a);
          e_amount := array_append(e_amount, amount);
          IF NOT a_guarded[a] THEN
            e_after := array_append(e_after, NULL);
            e_version := array_append(e_version, NULL);
            CONTINUE;
          END IF;
          freed := CASE WHEN post.captures AND a = post.hold_account THEN post.hold_amount ELSE 0 END;
          a_balance[a] := a_balance[a] + amount;
          a_held[a] := a_held[a] - freed;
          a_version[a] := a_version[a] + 1;
          free := greatest(0, a_floor[a] - a_balance[a] + a_held[a]);
          a_overdraft[a] := CASE WHEN overdraws THEN free ELSE least(a_overdraft[a], free) END;
          e_after := array_append(e_after, a_balance[a]);
          e_version := array_append(e_version, a_version[a]);
          after := after || jsonb_build_object(a_code[a], a_balance[a]::text);
        END LOOP;
        t_id := array_append(t_id, id);
        t_post := array_append(t_post, post.n);
        t_hash := array_append(t_hash, post.hash);
        IF post.captures THEN
          h_id := array_append(h_id, post.hold);
          h_tx := array_append(h_tx, id);
        END IF;
        IF post.reverses IS NOT NULL THEN reversed := array_append(reversed, post.reverses); END IF;
        answer := jsonb_build_object('tx', id::text, 'at', at, 'after', after);
      END IF;
      answers := array_append(answers, answer);
    END LOOP;

    IF cardinality(t_id) > 0 THEN
      INSERT INTO tx (id, idem_key, idem_hash, kind, effective_at, recorded_at, reverses, note)
        SELECT t.id, p.body ->> 'key', t.hash, p.body ->> 'kind',
          coalesce((p.body ->> 'effectiveAt')::timestamptz, at), at, (p.body ->> 'reverses')::bigint, p.body ->> 'note'
        FROM unnest(t_id, t_post, t_hash) AS t (id, post, hash)
        JOIN jsonb_array_elements(posts) WITH ORDINALITY p (body, n) ON p.n = t.post
        ORDER BY 2
        ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS written = ROW_COUNT;
      IF written < cardinality(t_id) THEN
        RAISE EXCEPTION 'another has just posted the same' USING ERRCODE = 'serialization_failure';
      END IF;
      UPDATE account SET balance = now.balance, held = now.held, version = now.version, overdraft = now.overdraft
        FROM unnest(a_id, a_balance, a_held, a_version, a_overdraft) AS now (id, balance, held, version, overdraft)
        WHERE account.id = now.id AND account.version <> now.version;
      INSERT INTO entry (tx, line, account, currency, amount, balance_after, version)
        SELECT e.tx, e.line, a_id[e.account], a_currency[e.account], e.amount, e.after, e.version
        FROM unnest(e_tx, e_line, e_account, e_amount, e_after, e_version) AS e (tx, line, account, amount, after, version);
      INSERT INTO unsealed (tx) SELECT unnest(t_id);
      IF cardinality(h_id) > 0 THEN
        INSERT INTO hold_end (hold, how, tx, ended_at) SELECT ended.hold, 'captured', ended.tx, at FROM unnest(h_id, h_tx) AS ended (hold, tx);
        DELETE FROM open_hold WHERE hold = ANY (h_id);
      END IF;
    END IF;
    RETURN to_jsonb(answers);
  END $$`,

  // `wanted` has `key`, `account`, `amount` and `forMs`. Answers `{hold, expiresAt}`, or `{refused, ...}`.
  `CREATE FUNCTION ledger.hold(wanted jsonb, at timestamptz) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
  DECLARE
    needed CONSTANT bigint := (wanted ->> 'amount')::bigint;
    until CONSTANT timestamptz := at + make_interval(secs => (wanted ->> 'forMs')::numeric / 1000.0);
    body_hash CONSTANT bytea := sha256(convert_to((wanted - 'key')::text, 'UTF8'));
    mine account; known hold; new_id bigint;
  BEGIN
    PERFORM open(ARRAY[wanted ->> 'account']);
    SELECT * INTO mine FROM account WHERE code = wanted ->> 'account' AND guarded FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN '{"refused": "account_unknown"}'; END IF;
    SELECT * INTO known FROM hold WHERE idem_key = wanted ->> 'key';
    IF FOUND THEN
      IF known.idem_hash <> body_hash THEN RETURN '{"refused": "key_reused"}'; END IF;
      RETURN jsonb_build_object('hold', known.id::text, 'expiresAt', known.expires_at);
    END IF;
    IF expire_of(ARRAY[mine.id], at) > 0 THEN SELECT * INTO mine FROM account WHERE id = mine.id; END IF;
    IF mine.balance - mine.held - needed < mine.floor THEN
      RETURN jsonb_build_object('refused', 'credit_short', 'account', mine.code,
        'there', greatest(0, mine.balance - mine.held - mine.floor)::text, 'needed', needed::text);
    END IF;
    new_id := nextval('hold_id');
    INSERT INTO hold (id, account, amount, idem_key, idem_hash, made_at, expires_at)
      VALUES (new_id, mine.id, needed, wanted ->> 'key', body_hash, at, until) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'another has just made the same hold' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO open_hold (hold, account, amount, expires_at) VALUES (new_id, mine.id, needed, until);
    UPDATE account SET held = held + needed WHERE id = mine.id;
    RETURN jsonb_build_object('hold', new_id::text, 'expiresAt', until);
  END $$`,

  // Answers how it has ended, now or before: `released`, `captured`, `expired`; null: there is none.
  `CREATE FUNCTION ledger.release(released bigint, at timestamptz) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
  DECLARE
    mine hold; ended text;
  BEGIN
    SELECT * INTO mine FROM hold WHERE id = released;
    IF NOT FOUND THEN RETURN NULL; END IF;
    PERFORM FROM account WHERE id = mine.account FOR NO KEY UPDATE;
    PERFORM expire_of(ARRAY[mine.account], at);
    SELECT how INTO ended FROM hold_end WHERE hold_end.hold = released;
    IF FOUND THEN RETURN ended; END IF;
    INSERT INTO hold_end (hold, how, ended_at) VALUES (released, 'released', at);
    DELETE FROM open_hold WHERE open_hold.hold = released;
    UPDATE account SET held = held - mine.amount,
      overdraft = least(overdraft, greatest(0, floor - balance + held - mine.amount)) WHERE id = mine.account;
    RETURN 'released';
  END $$`,

  // Ends what is due, of at most so many holds' accounts. Answers how many holds it has ended.
  `CREATE FUNCTION ledger.expire(most int, at timestamptz) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp SET enable_seqscan = off AS $$
  DECLARE
    ids bigint[];
  BEGIN
    SELECT array_agg(DISTINCT account) INTO ids
      FROM (SELECT account FROM open_hold WHERE expires_at <= at ORDER BY expires_at LIMIT most) due;
    PERFORM FROM account WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    RETURN expire_of(ids, at);
  END $$`,

  `DO $$
  BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION ledger.post(jsonb, timestamptz), ledger.hold(jsonb, timestamptz),
      ledger.release(bigint, timestamptz), ledger.expire(int, timestamptz) TO %I', session_user);
  END $$`,
)
