import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { testDatabase } from './test-database.ts'

test('a database that has later numbers already gets the earlier ones that came since', async () => {
  const { db, close } = await testDatabase()
  const runs = async () =>
    (await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)).rows.map(row => row.name)
  const all = await runs()
  await sql`drop table trust, trust_use`.execute(db)
  await sql`delete from kysely_migration where name = '0051-trust'`.execute(db)
  await migrate(db)
  expect(await runs()).toEqual(all)
  await close()
})
