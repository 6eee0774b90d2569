import type { Resource } from '@spoq/providers'
import { oneMoreTry, type Step, write } from '../step.ts'

/** Powers the machine off, its files kept: its owner stopped it, or something holds it. */
export async function suspend(step: Step, { resource }: { resource: Resource }): Promise<void> {
  await write(step, oneMoreTry(step, 'stopping'))
  await step.provider.suspend(resource.ref)
}
