// The SQL of questions. Nothing here decides anything.

import type { Kysely, Selectable, Transaction } from 'kysely'
import type { SshQuestionTable, Tables } from '../../db/tables.ts'

export type QuestionRow = Selectable<SshQuestionTable>

export async function addQuestion(db: Kysely<Tables>, row: QuestionRow): Promise<void> {
  await db.insertInto('ssh_question').values(row).execute()
}

export function findQuestion(db: Kysely<Tables>, id: string): Promise<QuestionRow | undefined> {
  return db.selectFrom('ssh_question').selectAll().where('id', '=', id).executeTakeFirst()
}

/** By its words, while somebody waits for the answer. */
export function findPending(db: Kysely<Tables>, words: string, now: Date): Promise<QuestionRow | undefined> {
  const query = db.selectFrom('ssh_question').selectAll().where('words', '=', words).where('expires_at', '>', now)
  return query.where('decided_at', 'is', null).where('over_at', 'is', null).executeTakeFirst()
}

/** Nothing when it is decided, over or too late. */
export function decideQuestion(
  trx: Transaction<Tables>,
  words: string,
  { account, at }: { account: string | null; at: Date },
): Promise<QuestionRow | undefined> {
  return trx
    .updateTable('ssh_question')
    .set({ account_id: account, decided_at: at })
    .where('words', '=', words)
    .where('expires_at', '>', at)
    .where('decided_at', 'is', null)
    .where('over_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** True for the first who comes in by it, or ends it. */
export async function takeQuestion(db: Kysely<Tables>, id: string, at: Date): Promise<boolean> {
  const query = db.updateTable('ssh_question').set({ over_at: at }).where('id', '=', id).where('over_at', 'is', null)
  return (await query.executeTakeFirst()).numUpdatedRows > 0n
}

export async function forgetQuestions(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom('ssh_question').where('expires_at', '<', before).execute()
}
