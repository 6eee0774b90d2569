import { unlessGone } from '../shared/gone.ts'
import { lookUntil, workTime } from '../shared/wait.ts'
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
  await unlessGone(vultr.api.tell('DELETE', `/instances/${ref}`))
}

/** What is locked cannot be deleted; one that stays so for too long is tried all the same, and answered with `retry`. */
async function isThereAtRest(vultr: Vultr, ref: string): Promise<boolean> {
  const look = () => status(vultr, ref)
  return (await lookUntil(workTime(vultr), look, now => now?.state !== 'creating')) !== null
}
