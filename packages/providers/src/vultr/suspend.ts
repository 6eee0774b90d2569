import { powerOff } from '../shared/power-off.ts'
import type { Vultr } from './options.ts'
import { atRest, status } from './status.ts'

/** Powers it off. There is one way only, and it costs the same. */
export async function suspend(vultr: Vultr, ref: string): Promise<void> {
  await atRest(vultr, ref)
  const halt = () => vultr.api.tell('POST', `/instances/${ref}/halt`)
  await powerOff({ look: () => status(vultr, ref), shutDown: halt, cut: halt, patience: vultr.patience })
}
