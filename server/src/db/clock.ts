import { type Kysely, sql } from 'kysely'

/** The time by the database's clock, in ms since 1970: what several backends compare is told by it alone. */
export async function databaseNow<T>(db: Kysely<T>): Promise<number> {
  const { rows } = await sql<{ at: Date }>`SELECT clock_timestamp() AS at`.execute(db)
  if (!rows[0]) throw new Error('the database has no time')
  return rows[0].at.getTime()
}
