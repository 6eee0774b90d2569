import { removeContainer } from './container.ts'
import { removeNetwork } from './network.ts'
import type { Engine } from './options.ts'
import { removeSockets } from './sockets.ts'
import { status } from './status.ts'
import { removeVolume } from './volume.ts'

/** Removes all of it. The volume goes last: until then it is found again. */
export async function terminate(engine: Engine, ref: string): Promise<void> {
  if ((await status(engine, ref)) === null) return
  await removeContainer(engine, ref)
  await removeNetwork(engine, ref)
  await removeSockets(engine, ref)
  await removeVolume(engine, ref)
}
