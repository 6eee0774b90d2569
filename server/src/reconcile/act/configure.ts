import type { Resource } from '@spoq/providers'
import { oneMoreTry, type Step, specOf, write } from '../step.ts'

/**
 * Has the machine take the tokens of this backend, which may have come back at another address: a create takes over one
 * that is stopped. What it takes is written when the create was answered; cut off before that, all is done once more.
 */
export async function configure(step: Step, { resource: { ref, state } }: { resource: Resource }): Promise<void> {
  const { provider } = step
  await write(step, { ...oneMoreTry(step, 'telling it where this backend is'), endpoint: null })
  if (state === 'running') {
    await provider.suspend(ref)
    // A provider may take its time; one that still runs would go on with what it was told before.
    if ((await provider.status(ref))?.state !== 'stopped') return
  }
  const spec = await specOf(step)
  await provider.create(spec)
  await write(step, { issuer: spec.issuer, stage: 'starting the Conductor' })
}
