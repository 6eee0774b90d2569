import { powerOff } from '../shared/power-off.ts'
import type { Contabo } from './options.ts'
import { ours, status } from './status.ts'

/** Powers it off, its system first. It costs the same. */
export async function suspend(contabo: Contabo, ref: string): Promise<void> {
  await ours(contabo, ref)
  await powerOff({
    look: () => status(contabo, ref),
    shutDown: () => contabo.api.tell('POST', `/v1/compute/instances/${ref}/actions/shutdown`),
    cut: () => contabo.api.tell('POST', `/v1/compute/instances/${ref}/actions/stop`),
    patience: contabo.patience,
  })
}
