import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A migration of plain statements. They are text, so that a later change of our code cannot change what they did. */
export function frozenSql(...statements: string[]): Migration {
  return {
    async up(db) {
      for (const statement of statements) await sql.raw(statement).execute(db)
    },
  }
}
