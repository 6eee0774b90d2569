import { setTimeout as sleep } from 'node:timers/promises'
import { goneIsFine } from '../shared/gone-is-fine.ts'
import { machineOf } from './instance.ts'
import type { Vultr } from './options.ts'
import { listSnapshots, removeEach } from './snapshot.ts'
import { lookUp, status } from './status.ts'

/** Deletes the instance, and before it its snapshots, which would outlive it. */
export async function terminate(vultr: Vultr, ref: string): Promise<void> {
  if (!(await isThereAtRest(vultr, ref))) return
  const found = await lookUp(vultr, ref)
  if (!found) return
  await removeEach(vultr, await listSnapshots(vultr, String(machineOf(found))))
  await goneIsFine(vultr.api.tell('DELETE', `/instances/${ref}`))
}

/** What is locked cannot be deleted; one that stays so for too long is tried all the same, and answered with `retry`. */
async function isThereAtRest(vultr: Vultr, ref: string): Promise<boolean> {
  const { pollMs, shutDownMs } = vultr.patience
  for (let ms = 0; ; ms += pollMs) {
    const now = await status(vultr, ref)
    if (now?.state !== 'creating' || ms >= shutDownMs * 20) return now !== null
    await sleep(pollMs)
  }
}
