// What is always so in the ledger, each as the SQL that finds where it is not, in words. None of it calls a function of the
// ledger: whoever could change the rows could change those too.

export const sums: readonly string[] = [
  `SELECT format('All entries in %s sum up to %s, not to 0.', currency, sum(amount)) AS found
   FROM ledger.entry GROUP BY currency HAVING sum(amount) <> 0`,

  `SELECT format('Transaction %s has %s lines, which sum up to %s in %s.', tx.id, count(entry.tx), coalesce(sum(amount), 0), coalesce(currency, 'nothing')) AS found
   FROM ledger.tx LEFT JOIN ledger.entry ON entry.tx = tx.id
   GROUP BY tx.id, currency HAVING count(entry.tx) < 2 OR sum(amount) <> 0`,

  `SELECT format('Transaction %s has lines and is not there.', entry.tx) AS found
   FROM ledger.entry LEFT JOIN ledger.tx ON tx.id = entry.tx WHERE tx.id IS NULL`,

  `SELECT format('%s has a balance of %s in version %s, and its %s entries sum up to %s.', code, balance, account.version, count(entry.tx), coalesce(sum(amount), 0)) AS found
   FROM ledger.account LEFT JOIN ledger.entry ON entry.account = account.id WHERE guarded
   GROUP BY account.id HAVING balance <> coalesce(sum(amount), 0) OR account.version <> count(entry.tx)`,

  `SELECT format('%s: line %s of transaction %s says version %s and a balance of %s, after version %s and %s.', code, line, tx, version, balance_after, version_before, balance_before) AS found
   FROM (
     SELECT account.code, entry.*, lag(entry.version, 1, 0::bigint) OVER mine AS version_before, lag(balance_after, 1, 0::bigint) OVER mine AS balance_before
     FROM ledger.entry JOIN ledger.account ON account.id = entry.account WHERE guarded
     WINDOW mine AS (PARTITION BY entry.account ORDER BY entry.version)
   ) step
   WHERE version IS DISTINCT FROM version_before + 1 OR balance_after IS DISTINCT FROM balance_before + amount`,

  `SELECT format('%s has %s set aside, and its holds without an end are %s.', code, held, coalesce(sum(hold.amount), 0)) AS found
   FROM ledger.account
   LEFT JOIN (SELECT * FROM ledger.hold WHERE NOT EXISTS (SELECT FROM ledger.hold_end WHERE hold_end.hold = hold.id)) hold
     ON hold.account = account.id
   GROUP BY account.id HAVING held <> coalesce(sum(hold.amount), 0)`,

  `SELECT format('Hold %s is listed as %s, and has %s.', coalesce(hold.id, listed.hold),
     CASE WHEN listed.hold IS NULL THEN 'over' ELSE 'open' END, CASE WHEN ended.hold IS NULL THEN 'no end' ELSE 'an end' END) AS found
   FROM ledger.hold LEFT JOIN ledger.hold_end ended ON ended.hold = hold.id
   FULL JOIN ledger.open_hold listed ON listed.hold = hold.id
   WHERE (ended.hold IS NULL) <> (listed.hold IS NOT NULL) OR hold.id IS NULL
     OR (listed.account, listed.amount, listed.expires_at) IS DISTINCT FROM (hold.account, hold.amount, hold.expires_at) AND listed.hold IS NOT NULL`,

  `SELECT format('Hold %s was captured by transaction %s, which has no line of its account.', hold.id, ended.tx) AS found
   FROM ledger.hold_end ended JOIN ledger.hold ON hold.id = ended.hold
   WHERE how = 'captured' AND NOT EXISTS (SELECT FROM ledger.entry WHERE entry.tx = ended.tx AND entry.account = hold.account)`,

  `SELECT format('Hold %s is over as %s at %s, and its time ends at %s.', hold.id, how, ended_at, expires_at) AS found
   FROM ledger.hold_end ended JOIN ledger.hold ON hold.id = ended.hold WHERE (how = 'expired') <> (ended_at >= expires_at)`,

  `SELECT format('%s has %s of %s to spend, below its floor of %s; disputes and refunds explain %s.', code, balance - held, balance, floor, overdraft) AS found
   FROM ledger.account WHERE guarded AND balance - held < floor - overdraft`,

  // A way below the floor that nothing but a dispute or a refund opens, and that closes as the account fills.
  `SELECT format('%s may go %s below its floor, and is not there.', code, overdraft) AS found
   FROM ledger.account WHERE overdraft > greatest(0, floor - balance + held)`,
  `SELECT format('%s is below its floor, and no dispute or refund has taken it there.', code) AS found
   FROM ledger.account WHERE guarded AND balance - held < floor AND NOT EXISTS (
     SELECT FROM ledger.entry JOIN ledger.tx ON tx.id = entry.tx
     WHERE entry.account = account.id AND entry.amount < 0 AND tx.kind IN ('dispute', 'refund'))`,

  `SELECT format('Transaction %s reverses %s, and is not the other way round.', tx.id, tx.reverses) AS found
   FROM ledger.tx WHERE reverses IS NOT NULL AND EXISTS (
     SELECT FROM (SELECT account, currency, -amount AS amount FROM ledger.entry WHERE entry.tx = tx.reverses) was
     FULL JOIN (SELECT account, currency, amount FROM ledger.entry WHERE entry.tx = tx.id) undone USING (account, currency, amount)
     WHERE was.account IS NULL OR undone.account IS NULL)`,
  `SELECT format('Transaction %s is reversed %s times.', reverses, count(*)) AS found
   FROM ledger.tx WHERE reverses IS NOT NULL GROUP BY reverses HAVING count(*) > 1`,
  `SELECT format('The key %s stands in %s transactions.', idem_key, count(*)) AS found
   FROM ledger.tx GROUP BY idem_key HAVING count(*) > 1`,

  `SELECT format('What %s owed in the run %s is marked as charged by transaction %s, which is another amount.', due.account, run, due.tx) AS found
   FROM ledger.due LEFT JOIN ledger.account ON account.code = due.account
   WHERE state = 'charged' AND NOT EXISTS (
     SELECT FROM ledger.entry WHERE entry.tx = due.tx AND entry.account = account.id AND entry.amount = -due.amount)`,

  `SELECT format('Transaction %s is %s.', tx.id, CASE WHEN sealed.tx IS NULL THEN 'not sealed, and does not wait for it' ELSE 'sealed, and waits for it' END) AS found
   FROM ledger.tx LEFT JOIN ledger.sealed ON sealed.tx = tx.id LEFT JOIN ledger.unsealed ON unsealed.tx = tx.id
   WHERE (sealed.tx IS NULL) = (unsealed.tx IS NULL)`,

  `SELECT format('The trigger %s of %s does not watch all that is done.', tgname, tgrelid::regclass) AS found
   FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
   WHERE relnamespace = 'ledger'::regnamespace AND NOT tgisinternal AND tgenabled <> 'A'`,
  `SELECT format('ledger.%s has %s of its %s triggers.', expected.name, count(pg_trigger.oid), expected.triggers) AS found
   FROM (VALUES ('account', 3), ('tx', 3), ('entry', 4), ('hold', 3), ('hold_end', 3), ('open_hold', 2), ('block', 3), ('sealed', 3),
     ('unsealed', 2), ('due', 3)) AS expected (name, triggers)
   LEFT JOIN pg_trigger ON tgrelid = ('ledger.' || expected.name)::regclass AND NOT tgisinternal
   GROUP BY expected.name, expected.triggers HAVING count(pg_trigger.oid) < expected.triggers`,
]
