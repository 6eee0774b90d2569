import type { Resource } from '@spoq/providers'
import { oneMoreTry, type Step, write } from '../step.ts'

export async function resume(step: Step, { resource }: { resource: Resource }): Promise<void> {
  await write(step, oneMoreTry(step, 'starting'))
  await step.provider.resume(resource.ref)
}
