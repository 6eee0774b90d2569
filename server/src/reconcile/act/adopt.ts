import type { Resource } from '@spoq/providers'
import { type Step, write, writeState } from '../step.ts'

/**
 * Takes what is there for the machine: the answer to its create was lost, or an earlier try made it. Whether that was
 * finished, and for which backend, nobody knows.
 */
export async function adopt(step: Step, { resource, anew }: { resource: Resource; anew?: true }): Promise<void> {
  // First, as its state says afterwards that nobody has asked for another try yet.
  if (anew) await step.setup?.begin(step.row, true)
  // A server says itself whose tokens it takes, once it is set up.
  const issuer = (step.provider.capabilities.setUp ?? 'none') === 'none' ? null : step.issuer
  const ours = { provider_ref: resource.ref, issuer, stage: 'starting the Conductor' }
  if (step.row.state === 'pending') await writeState(step, 'provisioning', ours, `found ${resource.ref}`)
  else await write(step, ours)
}
