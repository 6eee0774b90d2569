// What a posting costs, beside the least that a database does for a row; and a month's charges, beside as many postings. A real
// PostgreSQL, which flushes nothing: with a disk that is waited for, posting together gains more.

import { migrate } from '@spoq/server/db/migrate'
import { type Database, openDatabase } from '@spoq/server/db/open'
import { openBatch } from '@spoq/server/ledger/batch'
import { charge } from '@spoq/server/ledger/charge'
import type { Ledger } from '@spoq/server/ledger/ports'
import { post } from '@spoq/server/ledger/post'
import { sendPosts } from '@spoq/server/ledger/store'
import { verify } from '@spoq/server/ledger/verify'
import pg from 'pg'
import { startPostgres, whyNoPostgres } from '../../postgres/server.ts'
import { type Figure, median } from '../figure.ts'

const clients = 64
const accounts = 10_000
const months = 1_000_000
const roundMs = 1_500
const skipped = () => whyNoPostgres ?? null

export const ledger: Figure[] = [
  {
    id: 'ledger-hot',
    goal: { least: 0.2 },
    about: `posts on one account with a floor / bare INSERTs of a row, ${clients} clients each`,
    skipped,
    measure: () => againstInserts(() => 'customer:hot', 1),
  },
  {
    id: 'ledger-spread',
    goal: { least: 0.5 },
    about: `posts on ${accounts} accounts / bare INSERTs of a row, ${clients} clients each`,
    skipped,
    measure: () => againstInserts(at => `customer:c${(at * 7919) % accounts}`, accounts),
  },
  {
    id: 'ledger-month',
    goal: { least: 8 },
    about: `an account's share of one post each by ${clients} connections / of a charge of ${months} accounts`,
    skipped,
    measure: () => withLedger(month),
  },
]

interface Bench {
  database: Database
  ledger: Ledger
  url: string
}

async function withLedger<T>(use: (bench: Bench) => Promise<T>): Promise<T> {
  const server = await startPostgres()
  const database = await openDatabase({ dataDir: '', url: server.url })
  try {
    await migrate(database.db)
    const batch = openBatch(posts => sendPosts(database.db, posts, Date.now()))
    return await use({ database, ledger: { db: database.db, now: Date.now, batch }, url: server.url })
  } finally {
    await database.close()
    await server.remove()
  }
}

function againstInserts(accountOf: (at: number) => string, count: number): Promise<number> {
  return withLedger(async ({ database, ledger }) => {
    await database.query(
      'CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account text, amount bigint)',
    )
    await give(
      ledger,
      Array.from({ length: count }, (_, at) => accountOf(at)),
      1_000_000_000n,
    )
    let next = 0
    const insert = () => database.query('INSERT INTO bare (account, amount) VALUES ($1, $2)', [accountOf(next++), '1'])
    const spend = () => {
      const account = accountOf(next++)
      return post(ledger, { key: `s${next}`, kind: 'usage', lines: move(account, 'usage', 1n) })
    }
    const ratios: number[] = []
    for (let round = 0; round < 6; round++) {
      const [bare, posted] = [await perSecond(insert), await perSecond(spend)]
      // The first round is for getting warm.
      if (round > 0) ratios.push(posted / bare)
      console.error(`${bare.toFixed(0)} rows and ${posted.toFixed(0)} posts a second`)
    }
    return median(ratios)
  })
}

/** What so many clients get done who each begin again at once. */
async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (; performance.now() < begun + roundMs; done++) await work()
    }),
  )
  return done / ((performance.now() - begun) / 1_000)
}

async function month({ database, ledger, url }: Bench): Promise<number> {
  const codes = Array.from({ length: months }, (_, at) => `customer:c${at}`)
  await give(ledger, codes, 10n)
  const loop = await oneByOne(url, codes.slice(0, 10_000))
  const amount = 5
  const fill = () =>
    database.query(
      `INSERT INTO ledger.due (run, account, amount) SELECT '2026-01', code, $1::bigint FROM ledger.account WHERE guarded
       ON CONFLICT DO NOTHING`,
      [amount],
    )
  await fill()
  await database.query('ANALYZE')
  const asked = { run: '2026-01', onto: 'revenue', kind: 'subscription' }
  const begun = performance.now()
  // Killed in the middle, and run again.
  const killed = charge(ledger, asked, 20_000).then(
    () => Promise.reject(new Error('it was not killed in the middle')),
    () => null,
  )
  while ((await chargedOf(database)) < months / 4) await new Promise(resolve => setTimeout(resolve, 20))
  await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%ledger.charge%'`,
  )
  await killed
  // The connection that was lost is found out by the next who takes it.
  await fill().catch(fill)
  await charge(ledger, asked, 20_000)
  const each = (performance.now() - begun) / months
  const charges = await database.query(`SELECT FROM ledger.tx WHERE kind = 'subscription'`)
  const { findings } = await verify(database.db, '/dev/null')
  if (charges.length !== months || findings.length > 0)
    throw new Error(`${charges.length} charges of ${months}: ${findings.join(' ')}`)
  console.error(`a post each ${(loop * 1_000).toFixed(0)} µs, a charge ${(each * 1_000).toFixed(0)} µs an account`)
  return loop / each
}

async function chargedOf({ query }: Database): Promise<number> {
  const [row] = await query<{ count: number }>(`SELECT count(*)::int AS count FROM ledger.due WHERE state = 'charged'`)
  return row?.count ?? 0
}

/** What one takes, in ms, where each is posted by a call of its own. */
async function oneByOne(url: string, codes: readonly string[]): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: clients })
  const left = [...codes]
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let code = left.pop(); code !== undefined; code = left.pop()) {
        const lines = [
          { account: code, amount: '-1' },
          { account: 'revenue', amount: '1' },
        ]
        await pool.query('SELECT ledger.post($1::jsonb, now())', [
          JSON.stringify([{ key: `l${code}`, kind: 'usage', lines }]),
        ])
      }
    }),
  )
  const each = (performance.now() - begun) / codes.length
  await pool.end()
  return each
}

/** In calls of many: the bench is not to wait for what it does not measure. */
async function give({ db }: Ledger, codes: readonly string[], amount: bigint): Promise<void> {
  for (let from = 0; from < codes.length; from += 5_000) {
    const posts = codes.slice(from, from + 5_000).map(code => ({
      key: `gift-${code}`,
      kind: 'top_up',
      lines: move('card', code, amount).map(line => ({ ...line, amount: String(line.amount) })),
    }))
    await sendPosts(db, posts, Date.now())
  }
}

const move = (from: string, to: string, amount: bigint) => [
  { account: from, amount: -amount },
  { account: to, amount },
]
