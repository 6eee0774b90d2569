import { oneMoreTry, type Step, specOf, write, writeState } from '../step.ts'

/**
 * Makes the machine. The row says that a create was sent before it is sent: killed in between, the next backend knows
 * that there may be one and looks before it makes another.
 */
export async function create(step: Step): Promise<void> {
  const { provider, row, databaseNow } = step
  const intent = {
    ...oneMoreTry(step, 'making the machine'),
    create_sent_at: new Date(await databaseNow()),
    provider_ref: null,
    issuer: null,
    endpoint: null,
  }
  if (row.state === 'pending') await writeState(step, 'provisioning', intent)
  else await write(step, intent)
  const spec = await specOf(step)
  const resource = await provider.create(spec)
  await write(step, { provider_ref: resource.ref, issuer: spec.issuer, stage: 'starting the Conductor' })
}
