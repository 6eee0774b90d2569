// `spoq run --sync`: what is here is on the machine before the command runs there.

import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { syncedFolder } from '../sync/folder.ts'
import { holdAndSync } from '../sync/hold-and-sync.ts'
import { machineTarget } from '../target.ts'
import { nearestMapped } from './map.ts'

/**
 * Syncs the folder that a command of `local` runs in: the nearest one above it that has a place on the machine, or else itself.
 * What it tells goes to stderr: stdout is the command's.
 * @throws SpoqError as a sync does, `sync_unfinished` when something could not be brought over: then nothing is to run.
 */
export async function syncFirst(context: Context, local: string): Promise<void> {
  const folder = syncedFolder(context, nearestMapped(context, local)?.local ?? local)
  const how = { include: [], pull: false, dryRun: false, watch: false, join: false }
  const target = await machineTarget(context)
  const { failed } = await holdAndSync({ ...context, json: false }, target, folder, how, console.error)
  if (failed.length === 0) return
  throw new SpoqError('sync_unfinished', {
    message: `${failed.length} ${failed.length === 1 ? 'path' : 'paths'} could not be brought over; the command was not run.`,
  })
}
