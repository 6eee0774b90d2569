import { act, atRest } from './action.ts'
import type { DigitalOcean } from './options.ts'

/** Powers it on. */
export async function resume(cloud: DigitalOcean, ref: string): Promise<void> {
  if ((await atRest(cloud, ref)).status === 'off') await act(cloud, ref, { type: 'power_on' })
}
