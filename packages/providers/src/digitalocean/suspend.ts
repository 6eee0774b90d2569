import { powerOff } from '../shared/power-off.ts'
import { act, atRest } from './action.ts'
import type { DigitalOcean } from './options.ts'
import { status } from './status.ts'

/** Powers it off, its system first. It costs the same. */
export async function suspend(cloud: DigitalOcean, ref: string): Promise<void> {
  await atRest(cloud, ref)
  await powerOff({
    look: () => status(cloud, ref),
    shutDown: async () => void (await act(cloud, ref, { type: 'shutdown' })),
    cut: () => cut(cloud, ref),
    patience: cloud.patience,
  })
}

/** As long as its system is being asked, the power cannot be cut. */
async function cut(cloud: DigitalOcean, ref: string): Promise<void> {
  if ((await atRest(cloud, ref)).status !== 'off') await act(cloud, ref, { type: 'power_off' })
}
