import { oneMoreTry, type Step, write, writeState } from '../step.ts'

/**
 * Makes the machine. The row says that a create was sent before it is sent: killed in between, the next backend knows
 * that there may be one and looks before it makes another.
 */
export async function create(step: Step): Promise<void> {
  const { provider, row, issuer, jwksUrl, now } = step
  const intent = {
    ...oneMoreTry(step, 'making the machine'),
    create_sent_at: new Date(now()),
    provider_ref: null,
    endpoint: null,
  }
  if (row.state === 'pending') await writeState(step, 'provisioning', intent)
  else await write(step, intent)
  const spec = { machine: row.id, name: row.name, owner: row.account_id, issuer, jwksUrl }
  const resource = await provider.create(spec)
  await write(step, { provider_ref: resource.ref, stage: 'starting the Conductor' })
}
