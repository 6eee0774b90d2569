// Changes that would each make the ledger wrong, and for each what finds it. A change that nothing finds fails here.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { testDatabase } from '../db/test-database.ts'
import type { openBatch } from './batch.ts'
import type { checkChain, checkHeads } from './chain.ts'
import { charge } from './charge.ts'
import type { noteHead } from './heads.ts'
import { post } from './post.ts'
import { sendHold, sendPosts } from './store.ts'
import { commands, obey, together } from './test-laws.ts'
import { emptyLedger, move, type TestLedger, testLedger, unwatched } from './test-ledger.ts'

let database: Database
let ledger: TestLedger
const modules = mkdtempFor('spoq-mutants-')
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyLedger(database)
  ledger = testLedger(database)
})
afterAll(async () => {
  rmSync(modules, { recursive: true })
  await database.close()
})

/** What finds something: it throws then. */
type Finder = () => Promise<void>

const some = { seed: 7, numRuns: 80, endOnFailure: true }

/** The model of `laws.test.ts`, as it is run there. */
const laws: Finder = () =>
  fc.assert(
    fc.asyncProperty(commands, async asked => {
      await obey(ledger, asked)
    }),
    some,
  )
const atOnce: Finder = () => {
  const other = testLedger(database)
  return fc.assert(
    fc.asyncProperty(fc.array(fc.nat(6), { minLength: 10, maxLength: 30 }), async rounds => {
      await together(ledger, other, rounds)
    }),
    some,
  )
}
/** Lines that are wrong in themselves are refused, as such. */
const shapes: Finder = async () => {
  for (const [why, lines] of [
    ['sum up', [...move('card', 'usage', 1n), { account: 'manual', amount: 1n }]],
    ['one line alone', [...move('card', 'usage', 1n), ...move('card', 'usage', 1n)]],
    ['no such account', move('card', 'nowhere', 1n)],
  ] as const)
    await expect(post(ledger, { key: 'shape', kind: 'x', lines: [...lines] })).rejects.toThrow(why)
  const zero = [
    { account: 'card', amount: '0' },
    { account: 'usage', amount: '0' },
  ]
  expect((await sendPosts(ledger.db, [{ key: 'zero', kind: 'x', lines: zero }], 0))[0]).toEqual({
    refused: 'unbalanced',
  })
}
/** What nobody may do, by whatever right. */
const attacks: Finder = async () => {
  await ledger.give('customer:ann', 5n)
  for (const attack of [
    `UPDATE ledger.account SET balance = 9 WHERE guarded`,
    'DELETE FROM ledger.unsealed',
    `INSERT INTO ledger.due (run, account, amount, state, tx) SELECT 'r', 'customer:x', 5, 'charged', min(id) FROM ledger.tx`,
  ])
    await expect(database.query(attack)).rejects.toMatchObject({ code: '42501' })
  await expect(byOwner('UPDATE ledger.entry SET line = line + 1')).rejects.toThrow('append-only')
  const both = (amount: number) =>
    `${lineOf(1, 'card', -5)} UNION ALL ${lineOf(2, 'usage', amount).replace(/^.*?SELECT/s, 'SELECT')}`
  await expect(byOwner(newTx, both(4))).rejects.toThrow('sum up')
  const whole = both(5)
  await expect(byOwner(whole)).rejects.toThrow('all at once')
  await expect(byOwner(newTx, whole, `${whole.replaceAll(', 1,', ', 3,').replaceAll(', 2,', ', 4,')}`)).rejects.toThrow(
    'all at once',
  )
  await expect(byOwner(newTx, whole.replaceAll(', id,', ', id + 1000,'))).rejects.toThrow('no account')
  await expect(byOwner(newTx, whole.replaceAll("'usd'", "'eur'"))).rejects.toThrow('no account')
}
const byOwner = (...statements: string[]) =>
  database.db.transaction().execute(async trx => {
    await sql`SET LOCAL ROLE spoq_ledger`.execute(trx)
    for (const statement of statements) await sql.raw(statement).execute(trx)
  })
const newTx = `INSERT INTO ledger.tx VALUES (999, 'owner', '', 'gift', now(), now())`
const lineOf = (line: number, code: string, amount: number) =>
  `INSERT INTO ledger.entry (tx, line, account, currency, amount)
   SELECT 999, ${line}, id, 'usd', ${amount} FROM ledger.account WHERE code = '${code}'`

/** Several at once fill and charge one run. */
const charges: Finder = async () => {
  for (const [account, amount] of Object.entries({ ann: 5n, ben: 4n, cem: 12n }))
    await ledger.give(`customer:${account}`, amount)
  await database.query(
    `INSERT INTO ledger.due (run, account, amount) SELECT 'r', 'customer:' || name, 5 FROM unnest('{ann,ben,cem,dan}'::text[]) AS name`,
  )
  const asked = { run: 'r', onto: 'revenue', kind: 'subscription' }
  const parts = await Promise.all([charge(ledger, asked, 1), charge(ledger, asked, 2)])
  expect(parts.reduce((sum, { charged }) => sum + charged, 0)).toBe(2)
  expect(await ledger.findings()).toEqual([])
}
/** A chain over two blocks that is right, and of which each change is found. */
const chain: Finder = async () => {
  await ledger.give('customer:ann', 5n)
  await ledger.seal()
  await ledger.give('customer:ben', 5n)
  await ledger.seal()
  expect(await ledger.findings()).toEqual([])
  expect(await database.query('SELECT FROM ledger.sealed')).toHaveLength(2)
  expect(await database.query('SELECT FROM ledger.block')).toHaveLength(2)
}

interface Mutant {
  in: string
  from: string
  to: string
  by: Finder
}
const mutant = (name: string, from: string, to: string, by: Finder = laws): Mutant => ({
  in: `ledger.${name}`,
  from,
  to,
  by,
})

const spends = 'amount + freed < 0 AND NOT overdraws AND total - a_held[a] + freed < a_floor[a]'
const mutants: Mutant[] = [
  mutant('post', spends, spends.replace('+ freed < a_floor', '+ freed <= a_floor')),
  mutant('post', spends, spends.replace('< a_floor[a]', '< a_floor[a] - 1')),
  mutant('post', spends, spends.replace(' - a_held[a]', '')),
  mutant('post', spends, spends.replace('a_held[a] + freed', 'a_held[a]')),
  mutant('post', spends, spends.replace('amount + freed < 0 AND ', '')),
  mutant('post', spends, spends.replace('NOT overdraws', 'true')),
  mutant('post', "post.kind IN ('dispute', 'refund')", "post.kind IN ('dispute')"),
  mutant('post', "post.kind IN ('dispute', 'refund')", 'true'),
  mutant('post', 'ELSE least(a_overdraft[a], free)', 'ELSE a_overdraft[a]'),
  mutant('post', 'a_held[a] := a_held[a] - freed', 'a_held[a] := a_held[a]'),
  mutant('post', 'a_version[a] := a_version[a] + 1', 'a_version[a] := a_version[a]'),
  mutant('post', 'a_version[a] := a_version[a] + 1', 'a_version[a] := a_version[a] + 2'),
  mutant(
    'post',
    'e_after := array_append(e_after, a_balance[a])',
    'e_after := array_append(e_after, a_balance[a] - amount)',
  ),
  mutant('post', 'post.known_hash <> post.hash', 'false'),
  mutant('post', "(p.body - 'key')::text", "p.body ->> 'kind'"),
  mutant('post', 'known.recorded_at AS known_at', '$2 AS known_at'),
  mutant('post', 'post.is_reversed OR', 'false OR'),
  mutant('post', '-entry.amount', 'entry.amount'),
  mutant('post', ' OR expire_of(a_id, at) = 0', ' OR true'),
  mutant('post', 'NOT coalesce(post.hold_is_open, false)', 'post.hold IS NULL'),
  mutant('post', 'NOT coalesce(post.hold_account = ANY (post.accounts), false)', 'false'),
  mutant('post', 'DELETE FROM open_hold WHERE hold = ANY (h_id)', 'NULL'),
  mutant('post', 'INSERT INTO unsealed (tx) SELECT unnest(t_id)', 'NULL'),
  mutant('post', "WHEN bool_or(left_over <> 0) OR bool_or(line.amount = 0) THEN 'unbalanced'", '', shapes),
  mutant('post', ' OR bool_or(line.amount = 0)', '', shapes),
  mutant('post', "WHEN count(DISTINCT n) < count(*) THEN 'account_twice'", '', shapes),
  mutant('post', "WHEN bool_or(n IS NULL) THEN 'account_unknown'", '', shapes),
  mutant('expire_of', 'expires_at <= at', 'expires_at < at'),
  mutant('expire_of', 'expires_at <= at', "expires_at <= at + interval '1 ms'"),
  mutant('expire_of', 'held = held - mine.amount', 'held = held'),
  mutant(
    'expire_of',
    'overdraft = least(overdraft, greatest(0, floor - balance + held - mine.amount))',
    'overdraft = overdraft',
  ),
  mutant('hold', 'mine.balance - mine.held - needed < mine.floor', 'mine.balance - needed < mine.floor'),
  mutant('hold', 'mine.balance - mine.held - needed < mine.floor', 'mine.balance - mine.held - needed <= mine.floor'),
  mutant('hold', 'known.idem_hash <> body_hash', 'false'),
  mutant('hold', 'IF expire_of(ARRAY[mine.id], at) > 0 THEN', 'IF false THEN'),
  mutant('hold', 'SET held = held + needed', 'SET held = held'),
  mutant('release', 'DELETE FROM open_hold WHERE open_hold.hold = released', 'NULL'),
  mutant('release', 'PERFORM expire_of(ARRAY[mine.account], at)', 'NULL'),
  mutant('release', 'IF FOUND THEN RETURN ended; END IF;', ''),
  mutant('charge', '- mine.amount >= account.floor', '- mine.amount > account.floor', charges),
  mutant('charge', 'account.balance - account.held - mine.amount', 'account.balance - mine.amount'),
  mutant('charge', 'SET balance = account.balance - paid.amount,', 'SET', charges),
  mutant(
    'charge',
    "SET state = CASE WHEN answered.pays THEN 'charged' ELSE 'short' END, tx = answered.tx",
    "SET state = CASE WHEN answered.pays THEN 'charged' ELSE 'charged' END, tx = answered.tx",
    charges,
  ),
  mutant('charge', 'IF EXISTS (SELECT FROM open_hold WHERE account = ANY (ids) AND expires_at <= at)', 'IF false'),
  mutant('seal', "sha256(coalesce(last.hash, '') ||", "sha256('' ||", chain),
  mutant('seal', 'tx.note', "''", chain),
  mutant(
    'seal',
    'DELETE FROM unsealed WHERE tx = ANY (ids)',
    'DELETE FROM unsealed WHERE tx = ANY (ids) AND tx < 0',
    chain,
  ),
  mutant('only_by_verb', "current_user <> 'spoq_ledger'", 'false', attacks),
  mutant(
    'refuse_change',
    "RAISE EXCEPTION 'ledger.% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';",
    'RETURN NULL;',
    attacks,
  ),
  mutant('whole_tx', 'HAVING bool_or(total <> 0) OR', 'HAVING', attacks),
  mutant('whole_tx', 'min(first) <> 1', 'false', attacks),
  mutant('whole_tx', 'NOT EXISTS (SELECT FROM tx known WHERE known.id = of_currency.tx OFFSET 0)', 'false', attacks),
  mutant('whole_tx', 'WHERE id = added.account AND', 'WHERE', attacks),
  mutant('whole_tx', ' AND currency = added.currency', '', attacks),
]

test.each(mutants)('found: $in without $from', async one => {
  const [made] = await database.query<{ text: string }>(
    `SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE oid::regproc::text = $1`,
    [one.in],
  )
  expect(made?.text).toContain(one.from)
  try {
    await database.query(String(made?.text).replaceAll(one.from, () => one.to))
    await expect(one.by()).rejects.toThrow()
  } finally {
    await database.query(String(made?.text))
  }
})

test.each([shapes, attacks, charges, chain].map(by => ({ by, name: by.name })))(
  'nothing is found in the ledger as it is',
  ({ by }) => by(),
)

/** What only several connections can do wrong. */
const races: Mutant[] = [
  mutant('post', 'ORDER BY account.id FOR NO KEY UPDATE', 'ORDER BY account.id', atOnce),
  mutant('hold', 'AND guarded FOR NO KEY UPDATE', 'AND guarded', async () => {
    for (let round = 0; round < 60; round++) {
      const account = `customer:race${round}`
      await ledger.give(account, 5n)
      const ask = (key: string) =>
        sendHold(ledger.db, { key: `${key}${round}`, account, amount: '5', forMs: 1_000 }, ledger.now())
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map(ask))
      expect(answers.filter(answer => 'hold' in answer)).toHaveLength(1)
    }
  }),
]

const hasMany = Boolean(process.env.SPOQ_TEST_DATABASE_URL)
if (!hasMany)
  console.log('skipped: the embedded database has one connection, so that there are no races (npm run test:engines)')
test.skipIf(!hasMany).each(races)('found: $in without $from', async one => {
  const [made] = await database.query<{ text: string }>(
    `SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE oid::regproc::text = $1`,
    [one.in],
  )
  expect(made?.text).toContain(one.from)
  await one.by()
  try {
    await database.query(String(made?.text).replaceAll(one.from, () => one.to))
    await expect(one.by()).rejects.toThrow()
  } finally {
    await database.query(String(made?.text))
  }
})

interface Modules {
  openBatch: typeof openBatch
  checkChain: typeof checkChain
  checkHeads: typeof checkHeads
  noteHead: typeof noteHead
}

const batches = async ({ openBatch }: Modules) => {
  const batch = openBatch(posts => sendPosts(ledger.db, posts, ledger.now()), 3)
  await ledger.give('customer:ann', 5n)
  const body = (key: string, amount = '1') => ({
    key,
    kind: 'x',
    lines: [
      { account: 'customer:ann', amount: `-${amount}` },
      { account: 'usage', amount },
    ],
  })
  const settled = await Promise.allSettled(
    [body('a'), body('a'), body('b', 'much'), body('c'), body('d'), body('e')].map(one => batch.send(one)),
  )
  expect(settled.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    ...Array(3).fill('fulfilled'),
  ])
  expect(settled.flatMap(one => (one.status === 'fulfilled' && 'refused' in one.value ? one.value : []))).toEqual([])
  await batch.stop()
  await expect(batch.send(body('f'))).rejects.toMatchObject({ code: 'unavailable' })
}
const sent = async ({ openBatch }: Modules) => {
  const sizes: number[] = []
  const batch = openBatch(async posts => {
    sizes.push(posts.length)
    if (new Set(posts.map(({ key }) => key)).size < posts.length) sizes.push(-1)
    return posts.map(() => ({ tx: '1', at: '', after: {} }))
  }, 3)
  await Promise.all(Array.from({ length: 7 }, (_, at) => batch.send({ key: `k${at}`, kind: 'x' })))
  expect(sizes).toEqual([3, 3, 1])
  await Promise.all(['a', 'b', 'a'].map(key => batch.send({ key, kind: 'x' })))
  expect(sizes.slice(3)).toEqual([2, 1])
}
const forged =
  (statements: string) =>
  async ({ checkChain }: Modules) => {
    await chain()
    await database.query(unwatched(statements))
    expect((await checkChain(ledger.db)).found).not.toEqual([])
  }
const outside = async ({ checkHeads, noteHead }: Modules) => {
  await noteHead(ledger.headFile, { block: 1, hash: 'ff' }, 0)
  await noteHead(ledger.headFile, { block: 1, hash: 'ff' }, 1)
  writeFileSync(ledger.headFile, readFileSync(ledger.headFile, 'utf8').slice(0, -3))
  await noteHead(ledger.headFile, { block: 2, hash: 'ee' }, 2)
  await noteHead(ledger.headFile, { block: 2, hash: 'dd' }, 2)
  expect(readFileSync(ledger.headFile, 'utf8').trim().split('\n')).toHaveLength(2)
  const { found } = await checkHeads(ledger.db, ledger.headFile)
  expect(found).toEqual([expect.stringContaining('Block 2 is missing'), expect.stringContaining('Block 2 is missing')])
}

const inTypeScript: [string, string, string, (mutated: Modules) => Promise<void>][] = [
  ['batch', 'waits = now.length === most || keys.has(one.post.key)', 'waits = now.length === most', sent],
  ['batch', 'waits = now.length === most || keys.has(one.post.key)', 'waits = keys.has(one.post.key)', sent],
  ['batch', 'all.length > 1 &&', 'false &&', batches],
  ['batch', 'if (isOver)', 'if (false)', batches],
  ['chain', 'block.hash !== block.computed', 'false', forged(`UPDATE ledger.tx SET note = 'x'`)],
  [
    'chain',
    'block.previous !== last.hash',
    'false',
    forged(`UPDATE ledger.block SET previous = 'x', hash = sha256('x' || convert_to((
    SELECT jsonb_build_array(tx.id, tx.idem_key, encode(tx.idem_hash, 'hex'), tx.kind, (extract(epoch FROM tx.effective_at) * 1000000)::bigint, (extract(epoch FROM tx.recorded_at) * 1000000)::bigint, tx.reverses, tx.note,
      (SELECT jsonb_agg(jsonb_build_array(entry.line, account.code, entry.currency, entry.amount, entry.balance_after, entry.version) ORDER BY entry.line) FROM ledger.entry JOIN ledger.account ON account.id = entry.account WHERE entry.tx = tx.id))::text
    FROM ledger.tx JOIN ledger.sealed ON sealed.tx = tx.id WHERE sealed.block = 2), 'UTF8')) WHERE n = 2`),
  ],
  [
    'chain',
    'block.n !== last.n + 1',
    'false',
    forged(
      'SET session_replication_role = replica; UPDATE ledger.block SET n = 3 WHERE n = 2; UPDATE ledger.sealed SET block = 3 WHERE block = 2; RESET session_replication_role',
    ),
  ],
  ['chain', 'known.get(head.block) !== head.hash', 'false', outside],
  ['heads', 'if (torn > 0)', 'if (false)', outside],
  ['heads', 'last?.block === block && last.hash === hash', 'false', outside],
  ['heads', 'last?.block === block && last.hash === hash', 'last?.block === block', outside],
]

test.each(inTypeScript)('found: %s.ts without %s', async (name, from, to, finder) => {
  const source = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8')
  expect(source).toContain(from)
  const [asItIs, mutated] = await Promise.all([source, source.replaceAll(from, to)].map(load))
  if (!asItIs || !mutated) throw new Error('nothing was loaded')
  const rest = { ...(await import('./batch.ts')), ...(await import('./chain.ts')), ...(await import('./heads.ts')) }
  await finder({ ...rest, ...asItIs })
  await emptyLedger(database)
  rmSync(ledger.headFile, { force: true })
  await expect(finder({ ...rest, ...mutated })).rejects.toThrow()
})

let loaded = 0
/** A changed source as a module beside the packages, which finds what it imports. */
async function load(source: string): Promise<Partial<Modules>> {
  const file = join(modules, `m${++loaded}.mjs`)
  const plain = stripTypeScriptTypes(source)
  writeFileSync(file, plain.replace(/from '\.\//g, `from '${pathToFileURL(import.meta.dirname).href}/`))
  return import(/* @vite-ignore */ pathToFileURL(file).href)
}

function mkdtempFor(prefix: string): string {
  const folder = join(import.meta.dirname, '../../../node_modules/.cache/spoq')
  mkdirSync(folder, { recursive: true })
  return mkdtempSync(join(folder, prefix))
}
