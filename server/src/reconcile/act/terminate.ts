import type { Resource } from '@spoq/providers'
import { oneMoreTry, type Step, write } from '../step.ts'

export async function terminate(step: Step, { resources }: { resources: readonly Resource[] }): Promise<void> {
  await write(step, oneMoreTry(step, 'removing the machine and its files'))
  for (const { ref } of resources) await step.provider.terminate(ref)
}
