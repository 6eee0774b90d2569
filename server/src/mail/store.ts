// The rows of mails that wait. What a mail says is sealed with the backend's secret: a code or a link in a copy of the
// tables would open an account.

import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto'
import type { Kysely, Transaction } from 'kysely'
import { newId } from '../db/new-id.ts'
import type { Tables } from '../db/tables.ts'
import type { Mail } from './mail.ts'

export type MailTables = {
  mail: { id: string; sealed: string; tries: number; next_try_at: Date; give_up_at: Date }
}

export type MailDb = Kysely<Tables & MailTables>

export interface WaitingMail {
  id: string
  mail: Mail
  /** Which try this is, from 1. */
  tries: number
  giveUpAt: Date
}

/** Longer than one try can take; whoever died in the middle of one is taken to be dead after it. */
const leaseMs = 120_000

/** Puts a mail into the caller's transaction; it is worth sending for `seconds`. */
export async function putMail(
  tx: Transaction<never>,
  secret: string,
  mail: Mail,
  { now, seconds }: { now: number; seconds: number },
): Promise<void> {
  await (tx as unknown as Transaction<Tables & MailTables>)
    .insertInto('mail')
    .values({
      id: newId('mail'),
      sealed: await symmetricEncrypt({ key: secret, data: JSON.stringify(mail) }),
      tries: 0,
      next_try_at: new Date(now),
      give_up_at: new Date(now + seconds * 1_000),
    })
    .execute()
}

/** Takes mails that are due, so that no other backend takes them meanwhile. */
export async function takeDue(db: MailDb, secret: string, now: number, most: number): Promise<WaitingMail[]> {
  const rows = await db
    .updateTable('mail')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1), next_try_at: new Date(now + leaseMs) }))
    .where('id', 'in', due =>
      due
        .selectFrom('mail')
        .select('id')
        .where('next_try_at', '<=', new Date(now))
        .orderBy('next_try_at')
        .limit(most)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .execute()
  return Promise.all(
    rows.map(async ({ id, sealed, tries, give_up_at }) => ({
      id,
      tries,
      giveUpAt: give_up_at,
      mail: JSON.parse(await symmetricDecrypt({ key: secret, data: sealed })) as Mail,
    })),
  )
}

/** It is sent, or given up. */
export async function dropMail(db: MailDb, id: string): Promise<void> {
  await db.deleteFrom('mail').where('id', '=', id).execute()
}

/** It is tried again, then. */
export async function deferMail(db: MailDb, id: string, at: Date): Promise<void> {
  await db.updateTable('mail').set({ next_try_at: at }).where('id', '=', id).execute()
}
