import type { Resource } from '@spoq/providers'
import { oneMoreTry, type Step, write } from '../step.ts'

/** Removes what carries the machine's tag and is not the machine. */
export async function removeExtra(step: Step, { resources }: { resources: readonly Resource[] }): Promise<void> {
  await write(step, oneMoreTry(step))
  for (const { ref } of resources) {
    step.log('warn', 'machine.extra', { machine: step.row.id, ref })
    await step.provider.terminate(ref)
  }
}
