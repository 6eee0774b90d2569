// The backend as an ordinary user of PostgreSQL: it sets up the ledger, and then can do no more to it than anybody.

import { migrate } from '@spoq/server/db/migrate'
import { type Database, openDatabase } from '@spoq/server/db/open'
import { sendPosts } from '@spoq/server/ledger/store'
import { verify } from '@spoq/server/ledger/verify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../postgres/server.ts'

if (whyNoPostgres) console.log(`skipped: ${whyNoPostgres}`)
const here = test.skipIf(whyNoPostgres && !process.env.CI)

let server: PostgresServer
let admin: Database
const opened = new AsyncDisposableStack()
beforeAll(async () => {
  if (whyNoPostgres && !process.env.CI) return
  server = await startPostgres()
  opened.defer(() => server.remove())
  admin = await openDatabase({ dataDir: '', url: server.url })
  opened.defer(() => admin.close())
  await admin.query(`CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'x'; CREATE ROLE "plain one" LOGIN PASSWORD 'x'`)
})
afterAll(() => opened.disposeAsync())

/** A database of a user's own, which it has opened. */
async function databaseOf(user: string, name: string): Promise<Database> {
  await admin.query(`CREATE DATABASE ${name} OWNER "${user}"`)
  const url = new URL(server.url)
  ;[url.username, url.password, url.pathname] = [user, 'x', name]
  const database = await openDatabase({ dataDir: '', url: url.href })
  opened.defer(() => database.close())
  return database
}

const give = {
  key: 'gift',
  kind: 'top_up',
  lines: [
    { account: 'customer:ann', amount: '5' },
    { account: 'card', amount: '-5' },
  ],
}

async function expectOrdinary(database: Database): Promise<void> {
  expect(await sendPosts(database.db, [give], 0)).toEqual([expect.objectContaining({ after: { 'customer:ann': '5' } })])
  for (const attack of [
    'SET ROLE spoq_ledger',
    'UPDATE ledger.account SET balance = 9 WHERE guarded',
    'DELETE FROM ledger.entry',
    'ALTER TABLE ledger.entry DISABLE TRIGGER ALL',
    'DROP TABLE ledger.entry CASCADE',
    'DROP SCHEMA ledger CASCADE',
    'TRUNCATE ledger.block CASCADE',
    `CREATE OR REPLACE FUNCTION ledger.post(jsonb, timestamptz) RETURNS jsonb LANGUAGE sql AS 'SELECT $1'`,
    'SET session_replication_role = replica',
  ])
    await expect(database.query(attack)).rejects.toMatchObject({ code: '42501' })
  expect((await verify(database.db, '/dev/null')).findings).toEqual([])
}

here(
  'without the right to make roles it says in one line what an administrator runs; after that it works',
  async () => {
    const database = await databaseOf('plain one', 'plain')
    const failed = await migrate(database.db).catch(error => error)
    expect(failed).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('CREATE ROLE spoq_ledger NOLOGIN; '),
    })
    expect(failed.message).not.toContain('\n')
    const [make, join, leave] = failed.message.match(/(CREATE ROLE|GRANT|REVOKE) [^;]*;/g) ?? []
    await admin.query(make)
    await expect(migrate(database.db)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(
        /administrator runs: GRANT spoq_ledger TO "plain one"; .*REVOKE spoq_ledger FROM "plain one";$/,
      ),
    })
    await admin.query(join)
    await migrate(database.db)
    await admin.query(leave)
    await expectOrdinary(database)
  },
)

here('with it, two databases that are set up at the same moment make one role, and no user stays in it', async () => {
  await admin.query('DROP DATABASE plain WITH (FORCE); DROP ROLE spoq_ledger').catch(async () => {
    await admin.query('DROP DATABASE plain WITH (FORCE)')
    await admin.query('DROP ROLE spoq_ledger')
  })
  const databases = [await databaseOf('maker', 'one'), await databaseOf('maker', 'two')]
  await Promise.all(databases.map(({ db }) => migrate(db)))
  expect(await admin.query(`SELECT FROM pg_auth_members WHERE roleid = 'spoq_ledger'::regrole`)).toEqual([])
  for (const database of databases) await expectOrdinary(database)
})
