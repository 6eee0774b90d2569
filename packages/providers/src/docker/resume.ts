import { ProviderError } from '../provider.ts'
import { usualSize } from './catalog.ts'
import { lookedUp } from './fault.ts'
import { isMachine, isOurs, labels, nameOf } from './names.ts'
import type { Engine } from './options.ts'
import { start } from './start.ts'
import { status } from './status.ts'

/** Starts a machine again, unless it runs. Its container may be gone: it is made again around its volume. */
export async function resume(engine: Engine, ref: string): Promise<void> {
  const there = await status(engine, ref)
  if (!isMachine(ref) || there === null) throw new ProviderError('gone', `There is no machine ${ref}.`)
  if (there.state === 'running') return
  const name = nameOf(engine, ref)
  const container = await lookedUp(() => engine.docker.getContainer(name).inspect())
  const volume = await lookedUp(() => engine.docker.getVolume(name).inspect())
  if (!isOurs(engine, volume?.Labels, ref))
    throw new ProviderError('refused', `The files of ${ref} are gone from the Docker host: make the machine again.`)
  const size = container?.Config.Labels[labels.size] ?? volume?.Labels[labels.size] ?? usualSize
  await start(engine, { machine: ref, size })
}
