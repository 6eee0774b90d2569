import { powerOff } from '../shared/power-off.ts'
import { act } from './action.ts'
import type { Hostinger } from './options.ts'
import { ours, status } from './status.ts'

/** Powers it off; Hostinger has one way to do that. It costs the same. */
export async function suspend(hostinger: Hostinger, ref: string): Promise<void> {
  await ours(hostinger, ref)
  const stop = () => act(hostinger, 'POST', ref, 'stop')
  await powerOff({ look: () => status(hostinger, ref), shutDown: stop, cut: stop, patience: hostinger.patience })
}
