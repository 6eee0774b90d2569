import type { Hetzner } from './options.ts'
import { ours } from './status.ts'

/** Powers it on. */
export async function resume(hetzner: Hetzner, ref: string): Promise<void> {
  if ((await ours(hetzner, ref)).status === 'off') await hetzner.api.tell('POST', `/servers/${ref}/actions/poweron`)
}
