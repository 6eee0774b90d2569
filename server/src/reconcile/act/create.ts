import type { Capabilities, MachineSpec } from '@spoq/providers'
import { oneMoreTry, type Step, specOf, write, writeState } from '../step.ts'

const begun = ({ setUpScript }: MachineSpec, { setUp }: Capabilities) => {
  if (setUp === 'ssh') return 'waiting for its set-up'
  return setUpScript === undefined ? 'starting the Conductor' : 'waiting for the server to start'
}

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
  // What was pending begins anew; a create that is sent again goes on with the set-up that its server may have begun.
  const spec = await specOf(step, row.state === 'pending')
  const resource = await provider.create(spec)
  await write(step, { provider_ref: resource.ref, issuer: spec.issuer, stage: begun(spec, provider.capabilities) })
}
