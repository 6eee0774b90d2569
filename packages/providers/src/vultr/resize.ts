import { ProviderError } from '../provider.ts'
import type { Vultr } from './options.ts'
import { atRest } from './status.ts'
import { suspend } from './suspend.ts'

/** Changes the instance's plan; it starts anew by that. There is no way back to a smaller one. */
export async function resize(vultr: Vultr, ref: string, size: string): Promise<void> {
  const { found, resource } = await atRest(vultr, ref)
  if (found.plan === size) return
  await vultr.api.tell('PATCH', `/instances/${ref}`, { body: { plan: size } })
  const after = await atRest(vultr, ref)
  if (after.found.plan !== size) throw new ProviderError('retry', 'Vultr has not changed the plan yet.')
  if (resource.state === 'stopped' && after.resource.state === 'running') await suspend(vultr, ref)
}
