// Every way around the verbs, by a backend's own user with all rights and by one with none.

import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import { hold } from './hold.ts'
import { type TestLedger, testLedger } from './test-ledger.ts'

let database: Database
let ledger: TestLedger
/** With the rights that migrations give to the user of DATABASE_URL. */
const ordinary = `spoq_test_${randomBytes(6).toString('hex')}`
beforeAll(async () => {
  database = await testDatabase()
  await database.query(`
    CREATE ROLE ${ordinary};
    GRANT USAGE ON SCHEMA ledger TO ${ordinary};
    GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ${ordinary};
    GRANT INSERT (run, account, amount) ON ledger.due TO ${ordinary};
    GRANT EXECUTE ON FUNCTION ledger.post(jsonb, timestamptz), ledger.hold(jsonb, timestamptz) TO ${ordinary}`)
  ledger = testLedger(database)
  await ledger.give('customer:ann', 10n)
  await hold(ledger, { key: 'h', account: 'customer:ann', amount: 2n, forMs: 1_000 })
  await ledger.seal()
  await ledger.give('customer:ben', 10n)
})
afterAll(async () => {
  await database.query(`DROP OWNED BY ${ordinary}; DROP ROLE ${ordinary}`)
  await database.close()
})

const account = `(SELECT id FROM ledger.account WHERE code = 'customer:ann')`
const attacks = [
  'UPDATE ledger.entry SET amount = 1',
  'UPDATE ledger.entry SET amount = 1 WHERE false',
  'DELETE FROM ledger.entry',
  'TRUNCATE ledger.entry',
  `UPDATE ledger.tx SET kind = 'gift'`,
  'DELETE FROM ledger.tx',
  'TRUNCATE ledger.tx CASCADE',
  `INSERT INTO ledger.tx VALUES (999, 'k', '', 'gift', now(), now())`,
  `INSERT INTO ledger.entry SELECT 999, 1, ${account}, 'usd', 5, 15, 2`,
  `INSERT INTO ledger.entry SELECT min(id), 3, ${account}, 'usd', 5, 15, 2 FROM ledger.tx`,
  `UPDATE ledger.account SET balance = 1000`,
  `UPDATE ledger.account SET floor = -1000`,
  `INSERT INTO ledger.account (code, currency, guarded, floor) VALUES ('customer:eve', 'usd', true, -100)`,
  'DELETE FROM ledger.account',
  'TRUNCATE ledger.account CASCADE',
  `INSERT INTO ledger.hold SELECT 99, ${account}, 1, 'k', '', now(), now() + interval '1 s'`,
  'UPDATE ledger.hold SET amount = 1',
  'DELETE FROM ledger.hold',
  `INSERT INTO ledger.hold_end SELECT hold, 'released', NULL, now() FROM ledger.open_hold`,
  'DELETE FROM ledger.hold_end',
  'DELETE FROM ledger.open_hold',
  'TRUNCATE ledger.open_hold',
  `UPDATE ledger.block SET hash = ''`,
  'DELETE FROM ledger.block',
  `INSERT INTO ledger.block VALUES (2, '', 'x', now())`,
  'DELETE FROM ledger.sealed',
  'INSERT INTO ledger.sealed SELECT tx, 1 FROM ledger.unsealed',
  'DELETE FROM ledger.unsealed',
  `INSERT INTO ledger.due (run, account, amount, state, tx) SELECT 'r', 'customer:ann', 5, 'charged', min(id) FROM ledger.tx`,
  `UPDATE ledger.due SET state = 'short'`,
  'DELETE FROM ledger.due',
]

async function stored(): Promise<unknown> {
  return database.query(`SELECT
    (SELECT jsonb_agg(entry ORDER BY tx, line) FROM ledger.entry)::text AS entries,
    (SELECT jsonb_agg(account ORDER BY id) FROM ledger.account)::text AS accounts,
    (SELECT jsonb_agg(hold) FROM ledger.hold)::text AS holds, (SELECT count(*)::int FROM ledger.open_hold) AS open,
    (SELECT jsonb_agg(block) FROM ledger.block)::text AS blocks, (SELECT count(*)::int FROM ledger.sealed) AS sealed`)
}

async function refused(attack: string, ...before: string[]): Promise<void> {
  const was = await stored()
  const attempt = database.db.transaction().execute(async trx => {
    for (const statement of [...before, attack]) await sql.raw(statement).execute(trx)
  })
  await expect(attempt).rejects.toMatchObject({ code: '42501' })
  expect(await stored()).toEqual(was)
}

test.each(attacks)('whoever may do everything is refused: %s', attack => refused(attack))

test.each(attacks)('also where triggers are told that they are of a replica: %s', attack =>
  refused(attack, 'SET LOCAL session_replication_role = replica'),
)

test.each(attacks)('an ordinary user is refused: %s', attack => refused(attack, `SET LOCAL ROLE ${ordinary}`))

test.each([
  'ALTER TABLE ledger.entry DISABLE TRIGGER ALL',
  'ALTER TABLE ledger.account ALTER floor SET DEFAULT -5',
  'DROP SCHEMA ledger CASCADE',
  'CREATE TABLE ledger.more ()',
  `SELECT ledger.expire_of('{1}', now())`,
  `SELECT ledger.open('{customer:x}')`,
  `SELECT nextval('ledger.tx_id')`,
  'SET LOCAL session_replication_role = replica',
])('an ordinary user does not get at what belongs to the ledger: %s', attack =>
  refused(attack, `SET LOCAL ROLE ${ordinary}`),
)

test('an ordinary user posts by the verbs, and fills what is due', async () => {
  const post = {
    key: 'k',
    kind: 'usage',
    lines: [
      { account: 'customer:ann', amount: '-3' },
      { account: 'usage', amount: '3' },
    ],
  }
  await database.db.transaction().execute(async trx => {
    await sql.raw(`SET LOCAL ROLE ${ordinary}`).execute(trx)
    await sql`SELECT ledger.post(${JSON.stringify([post])}::text::jsonb, now())`.execute(trx)
    await sql`INSERT INTO ledger.due (run, account, amount) SELECT 'r', code, 5 FROM ledger.account WHERE guarded`.execute(
      trx,
    )
  })
  expect(await ledger.findings()).toEqual([])
})

test('a function of the same name elsewhere changes nothing for the ledger', async () => {
  const attempt = database.db.transaction().execute(async trx => {
    await sql`CREATE FUNCTION public.expire_of(bigint[], timestamptz) RETURNS bigint LANGUAGE sql AS 'SELECT 1 / 0'`.execute(
      trx,
    )
    await sql`CREATE TEMP TABLE account (id bigint, code text)`.execute(trx)
    await sql`SET LOCAL search_path = public, ledger`.execute(trx)
    const post = {
      key: 'k',
      kind: 'x',
      lines: [
        { account: 'customer:ann', amount: '-3' },
        { account: 'usage', amount: '3' },
      ],
    }
    await sql`SELECT ledger.post(${JSON.stringify([post])}::text::jsonb, now())`.execute(trx)
    throw new Error('posted')
  })
  await expect(attempt).rejects.toThrow('posted')
})

test('lines that do not sum up, come late or alone are refused to the owner of the tables too', async () => {
  const as = (...statements: string[]) =>
    database.db.transaction().execute(async trx => {
      await sql`SET LOCAL ROLE spoq_ledger`.execute(trx)
      for (const statement of statements) await sql.raw(statement).execute(trx)
    })
  const tx = `INSERT INTO ledger.tx VALUES (999, 'owner', '', 'gift', now(), now())`
  const lines = (...all: [number, string, number][]) =>
    `INSERT INTO ledger.entry (tx, line, account, currency, amount)
     SELECT 999, line, account.id, 'usd', amount FROM (VALUES ${all.map(([n, code, amount]) => `(${n}, '${code}', ${amount})`)})
     AS one (line, code, amount) JOIN ledger.account USING (code)`
  await expect(as(tx, lines([1, 'card', -5], [2, 'manual', 4]))).rejects.toThrow('sum up to nothing')
  await expect(as(tx, lines([1, 'card', 5]))).rejects.toThrow('sum up to nothing')
  const whole = lines([1, 'card', -5], [2, 'manual', 5])
  await expect(as(tx, whole, lines([3, 'card', -1], [4, 'manual', 1]))).rejects.toThrow('all at once')
  await expect(as(whole)).rejects.toThrow('all at once')
  await expect(as(tx, whole.replaceAll('account.id', 'account.id + 1000'))).rejects.toThrow('no account')
  await expect(as(tx, whole.replaceAll("'usd'", "'eur'"))).rejects.toThrow('no account')
  await as(tx, whole)
  await expect(as(lines([3, 'card', -1], [4, 'manual', 1]))).rejects.toThrow('all at once')
  for (const attack of ['UPDATE ledger.entry SET amount = 1', 'DELETE FROM ledger.tx', 'TRUNCATE ledger.block CASCADE'])
    await expect(as(attack)).rejects.toThrow('append-only')
  await expect(as(`UPDATE ledger.account SET code = 'customer:eve' WHERE code = 'customer:ann'`)).rejects.toThrow(
    'append-only',
  )
  await expect(as(`UPDATE ledger.account SET balance = -1 WHERE code = 'customer:ann'`)).rejects.toThrow(
    'violates check',
  )
})
