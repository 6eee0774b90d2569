// PostgreSQL, and the process that posts, are killed under load: what was acknowledged is stored, once, and all sums are right.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@spoq/server/db/migrate'
import { type Database, openDatabase } from '@spoq/server/db/open'
import { openBatch } from '@spoq/server/ledger/batch'
import { seal } from '@spoq/server/ledger/seal'
import { sendPosts } from '@spoq/server/ledger/store'
import { verify } from '@spoq/server/ledger/verify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../postgres/server.ts'
import { load } from './load.ts'

const kills = 6
if (whyNoPostgres) console.log(`skipped: ${whyNoPostgres}`)
const here = test.skipIf(whyNoPostgres && !process.env.CI)

let server: PostgresServer
let database: Database
beforeAll(async () => {
  if (whyNoPostgres && !process.env.CI) return
  server = await startPostgres()
  database = await openDatabase({ dataDir: '', url: server.url })
  await migrate(database.db)
})
afterAll(async () => {
  await database?.close()
  await server?.remove()
})

/** None that was acknowledged is missing, or there twice; nothing else is wrong. */
async function expectStored(acknowledged: ReadonlySet<string>, name: string): Promise<void> {
  const rows = await database.query<{ key: string }>(
    `SELECT idem_key AS key FROM ledger.tx WHERE idem_key LIKE $1 || '-%'`,
    [name],
  )
  const stored = new Set(rows.map(({ key }) => key))
  expect(stored.size).toBe(rows.length)
  expect([...acknowledged].filter(key => !stored.has(key))).toEqual([])
  await seal({ db: database.db, now: Date.now })
  expect((await verify(database.db, '/dev/null')).findings).toEqual([])
  console.log(`${name}: ${acknowledged.size} acknowledged, ${stored.size} stored, ${kills} kills`)
}

here('PostgreSQL is killed under 32 clients', { timeout: 120_000 }, async () => {
  const batch = openBatch(posts => sendPosts(database.db, posts, Date.now()))
  const acknowledged = new Set<string>()
  let isOver = false
  const working = load(
    { db: database.db, now: Date.now, batch },
    'server',
    key => {
      expect(acknowledged.has(key)).toBe(false)
      acknowledged.add(key)
    },
    () => isOver,
  )
  for (let times = 0; times < kills; times++) {
    const before = acknowledged.size
    // It has come back, and much is under way.
    while (acknowledged.size < before + 200) await Promise.race([sleep(10), working])
    await server.kill()
    await server.start()
  }
  const before = acknowledged.size
  while (acknowledged.size < before + 200) await Promise.race([sleep(10), working])
  isOver = true
  await working
  await batch.stop()
  await expectStored(acknowledged, 'server')
})

here('the process that posts is killed, each time with much under way', { timeout: 120_000 }, async () => {
  const acknowledged = new Set<string>()
  for (let times = 0; times < kills; times++) {
    const child = fork(join(import.meta.dirname, 'child.ts'), [server.url, `child-${times}`], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const exit = once(child, 'exit')
    const before = acknowledged.size
    const enough = Promise.withResolvers<void>()
    child.on('message', message => {
      if (message === 'ready') return
      acknowledged.add(String(message))
      if (acknowledged.size === before + 200 + times * 17) enough.resolve()
    })
    await Promise.race([enough.promise, exit])
    child.kill('SIGKILL')
    expect((await exit)[1]).toBe('SIGKILL')
  }
  // What the last one has sent may still be going on.
  await sleep(200)
  await expectStored(acknowledged, 'child')
})
