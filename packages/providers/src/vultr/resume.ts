import { lookUntil } from '../shared/wait.ts'
import type { Vultr } from './options.ts'
import { atRest, status } from './status.ts'

/** Powers it on, and waits until it says so: one that runs already would lose its power by being started again. */
export async function resume(vultr: Vultr, ref: string): Promise<void> {
  const { pollMs, shutDownMs } = vultr.patience
  const { resource } = await atRest(vultr, ref)
  if (resource.state !== 'stopped') return
  await vultr.api.tell('POST', `/instances/${ref}/start`)
  const times = { pollMs, mostMs: shutDownMs }
  await lookUntil(
    times,
    () => status(vultr, ref),
    now => now?.state !== 'stopped',
  )
}
