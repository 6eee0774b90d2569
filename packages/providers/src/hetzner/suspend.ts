import { powerOff } from '../shared/power-off.ts'
import type { Hetzner } from './options.ts'
import { ours, status } from './status.ts'

/** Powers it off, its system first. It costs the same. */
export async function suspend(hetzner: Hetzner, ref: string): Promise<void> {
  await ours(hetzner, ref)
  await powerOff({
    look: () => status(hetzner, ref),
    shutDown: () => hetzner.api.tell('POST', `/servers/${ref}/actions/shutdown`),
    cut: () => hetzner.api.tell('POST', `/servers/${ref}/actions/poweroff`),
    patience: hetzner.patience,
  })
}
