// The SQL of tasks. Nothing here decides anything.

import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import type { MachineTaskTable, Tables } from '../db/tables.ts'

export type TaskRow = Selectable<MachineTaskTable>

/** The task that is next, of each of these machines that has one. */
export async function nextTasks(db: Kysely<Tables>, machines: readonly string[]): Promise<Map<string, TaskRow>> {
  const query = db.selectFrom('machine_task').selectAll().where('state', '=', 'waiting')
  const rows = await query.where('machine_id', '=', sql<string>`ANY(${machines})`).orderBy('seq', 'desc').execute()
  return new Map(rows.map(row => [row.machine_id, row]))
}

/** All of one kind, newest first. */
export async function listTasks(db: Kysely<Tables>, machine: string, kind: TaskRow['kind']): Promise<TaskRow[]> {
  const query = db.selectFrom('machine_task').selectAll().where('machine_id', '=', machine)
  return query.where('kind', '=', kind).orderBy('seq', 'desc').execute()
}

export async function findTask(db: Kysely<Tables>, id: string): Promise<TaskRow | undefined> {
  return db.selectFrom('machine_task').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function insertTask(trx: Transaction<Tables>, row: Insertable<MachineTaskTable>): Promise<TaskRow> {
  return trx.insertInto('machine_task').values(row).returningAll().executeTakeFirstOrThrow()
}

/** Changes a task, one that was read only if it is still in its state; false when it is not. */
export async function changeTask(
  db: Kysely<Tables>,
  { id, state }: { id: string; state?: TaskRow['state'] },
  change: Updateable<MachineTaskTable>,
): Promise<boolean> {
  const query = db.updateTable('machine_task').set(change).where('id', '=', id)
  const changed = await (state === undefined ? query : query.where('state', '=', state)).executeTakeFirst()
  return changed.numUpdatedRows > 0n
}
