import { removeAuthorizedKey } from '@spoq/kit/ssh-job'
import { ProviderError } from '../provider.ts'
import { readMarker } from './marker.ts'
import type { Byo, Connection } from './options.ts'
import { ask, lookAt, onServer, type Server } from './server.ts'

/**
 * Takes everything of ours off the server, at last our key, and forgets the server. Cut off anywhere it goes on from there:
 * that the server is clean is known here before the key goes, since nobody gets in after that.
 */
export async function terminate(byo: Byo, ref: string): Promise<void> {
  const connection = await byo.connections.get(ref)
  if (!connection) return
  if (!connection.isCleaned) {
    await onServer(byo, ref, server => clean(byo, server, connection))
    await byo.connections.noteCleaned(ref)
  }
  await removeKey(byo, connection)
  await byo.connections.forget(ref)
  byo.seen.delete(ref)
}

/** Nothing of another machine's is touched. */
async function clean(byo: Byo, server: Server, { machine }: Connection): Promise<void> {
  const found = readMarker((await lookAt(byo, server)).marker)
  const isAnothers = found && (found.machine !== machine || found.installation !== byo.installation)
  if (!isAnothers) await ask(byo, server, ['exec sh -s -- "$f" 2>&1'], byo.removal)
}

async function removeKey(byo: Byo, { ref, user, publicKey }: Connection): Promise<void> {
  try {
    await onServer(byo, ref, ({ ssh }) => removeAuthorizedKey(ssh, user, publicKey))
  } catch (error) {
    // It was taken off by the try before this one, whose answer was lost.
    if (!(error instanceof ProviderError) || error.kind !== 'refused') throw error
  }
}
