import type { Snapshot } from '@spoq/contracts/snapshot'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { ownMachine } from '../machine/owner.ts'
import { toSnapshot } from './shape.ts'
import { listTasks } from './store.ts'

/** The snapshots of a machine, newest first. @throws SpoqError `machine_not_found`. */
export async function listSnapshots(db: Kysely<Tables>, account: string, machine: string): Promise<Snapshot[]> {
  const { id } = await ownMachine(db, account, machine)
  const removals = (await listTasks(db, id, 'remove-snapshot')).map(({ argument }) => argument)
  const kept = (await listTasks(db, id, 'snapshot')).filter(({ state }) => state !== 'removed')
  return kept.map(task => ({
    ...toSnapshot(task),
    ...(removals.includes(task.id) ? { state: 'removing' as const } : {}),
  }))
}
