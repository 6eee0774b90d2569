import type { Contabo } from './options.ts'
import { ours } from './status.ts'

/** Powers it on. */
export async function resume(contabo: Contabo, ref: string): Promise<void> {
  const { state } = await ours(contabo, ref)
  if (state === 'stopped') await contabo.api.tell('POST', `/v1/compute/instances/${ref}/actions/start`)
}
