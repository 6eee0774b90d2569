import type { SetupLog } from '@spoq/contracts/setup'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { ownMachine } from '../machine/owner.ts'
import { listSetups } from './store.ts'

/**
 * How the last set-up of a machine went, with the last lines of its log; null where none was needed.
 * @throws SpoqError `machine_not_found`.
 */
export async function showLog(db: Kysely<Tables>, account: string, machine: string): Promise<SetupLog | null> {
  const { id } = await ownMachine(db, account, machine)
  const [row] = await listSetups(db, [id])
  if (!row) return null
  const { stage, error, begun_at, done_at, log } = row
  return {
    state: done_at ? 'done' : error === null ? 'running' : 'failed',
    stage,
    error,
    begunAt: begun_at.toISOString(),
    lines: log === '' ? [] : log.split('\n'),
  }
}
