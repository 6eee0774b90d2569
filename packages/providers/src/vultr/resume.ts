import { setTimeout as sleep } from 'node:timers/promises'
import type { Vultr } from './options.ts'
import { atRest, status } from './status.ts'

/** Powers it on, and waits until it says so: one that runs already would lose its power by being started again. */
export async function resume(vultr: Vultr, ref: string): Promise<void> {
  const { pollMs, shutDownMs } = vultr.patience
  const { resource } = await atRest(vultr, ref)
  if (resource.state !== 'stopped') return
  await vultr.api.tell('POST', `/instances/${ref}/start`)
  for (let ms = 0; ms < shutDownMs && (await status(vultr, ref))?.state === 'stopped'; ms += pollMs) await sleep(pollMs)
}
