// The SQL of messages. Nothing here decides anything.

import type { MessageCount } from '@spoq/contracts/message'
import { type Kysely, sql } from 'kysely'
import type { MachineRow, Tables } from '../db/tables.ts'

export interface CountedMachine extends Pick<MachineRow, 'id' | 'account_id' | 'provider' | 'template'> {
  all: number
  onCredit: number
}

/** What machines of these accounts accepted in a month, those that ended too. */
export async function listCounts(
  db: Kysely<Tables>,
  accounts: readonly string[],
  month: string,
): Promise<CountedMachine[]> {
  if (accounts.length === 0) return []
  return db
    .selectFrom('message_count')
    .innerJoin('machine', 'machine.id', 'message_count.machine_id')
    .select([
      'machine.id',
      'machine.account_id',
      'machine.provider',
      'machine.template',
      'total as all',
      'on_credit as onCredit',
    ])
    .where('machine.account_id', '=', sql<string>`ANY(${accounts})`)
    .where('month', '=', month)
    .execute()
}

/** Writes what a machine told; the greatest stays. Answers what stands then. */
export async function keepCount(db: Kysely<Tables>, machine: string, told: MessageCount): Promise<MessageCount> {
  return db
    .insertInto('message_count')
    .values({ machine_id: machine, month: told.month, total: told.all, on_credit: told.onCredit })
    .onConflict(conflict =>
      conflict.columns(['machine_id', 'month']).doUpdateSet({
        total: sql`greatest(message_count.total, excluded.total)`,
        on_credit: sql`greatest(message_count.on_credit, excluded.on_credit)`,
      }),
    )
    .returning(['month', 'total as all', 'on_credit as onCredit'])
    .executeTakeFirstOrThrow()
}
