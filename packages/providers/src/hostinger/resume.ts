import { act } from './action.ts'
import type { Hostinger } from './options.ts'
import { ours } from './status.ts'

/** Powers it on. */
export async function resume(hostinger: Hostinger, ref: string): Promise<void> {
  if ((await ours(hostinger, ref)).state === 'stopped') await act(hostinger, 'POST', ref, 'start')
}
