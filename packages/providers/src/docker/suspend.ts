import { ProviderError } from '../provider.ts'
import { asking, unlessStatus } from './fault.ts'
import { nameOf } from './names.ts'
import type { Engine } from './options.ts'
import { status } from './status.ts'

/** Ends what runs on a machine, its Conductor in good order first. */
export async function suspend(engine: Engine, ref: string): Promise<void> {
  const there = await status(engine, ref)
  if (there === null) throw new ProviderError('gone', `There is no machine ${ref}.`)
  if (there.state === 'stopped') return
  const container = engine.docker.getContainer(nameOf(engine, ref))
  await asking(() => container.stop({ t: Math.ceil(engine.patience.stopMs / 1_000) }).catch(unlessStatus(304, 404)))
}
