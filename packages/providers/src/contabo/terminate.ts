import { ProviderError } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import { tagOf } from './instance.ts'
import type { Contabo } from './options.ts'
import { lookUp } from './status.ts'
import { wipe } from './wipe.ts'

/**
 * Wipes the server and cancels its contract: it lives on, empty, until the period that is paid for ends. What cannot be
 * wiped is cancelled all the same. @throws ProviderError `retry` also while it is being installed: it is wiped after that.
 */
export async function terminate(contabo: Contabo, ref: string): Promise<void> {
  const found = await lookUp(contabo, ref)
  const tag = found && tagOf(found, contabo)
  if (!tag) return
  const unwiped = tag.isWiped ? null : await unlessGone(wipe(contabo, found, tag.machine)).catch(failure)
  if (!found.cancelDate) await unlessGone(contabo.api.tell('POST', `/v1/compute/instances/${ref}/cancel`, { body: {} }))
  if (unwiped) throw unwiped
}

function failure(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  throw error
}
