// What a machine keeps: one volume with its folder and its workspace. The image gives a new one its owners.

import { ProviderError } from '../provider.ts'
import { sizeOf } from './catalog.ts'
import { asking, lookedUp, refusalOf, unlessStatus } from './fault.ts'
import { isOurs, labels, labelsOf, nameOf } from './names.ts'
import type { Engine } from './options.ts'

/** Made with a limit where the Engine's storage has such (XFS with project quotas), else labelled as unlimited. */
export async function ensureVolume(engine: Engine, machine: string, size: string): Promise<void> {
  const name = nameOf(engine, machine)
  const there = await lookedUp(() => engine.docker.getVolume(name).inspect())
  if (there && !isOurs(engine, there.Labels, machine))
    throw new ProviderError('refused', `In Docker another volume has the name ${name}.`)
  if (there) return
  const make = (disk: 'limited' | 'unlimited', options: Record<string, string>) =>
    engine.docker.createVolume({
      Name: name,
      Driver: 'local',
      DriverOpts: options,
      Labels: { ...labelsOf(engine, machine), [labels.size]: size, [labels.disk]: disk },
    })
  await asking(() =>
    make('limited', { size: `${sizeOf(size).diskGb}G` }).catch(error => {
      if (!isWithoutLimits(error)) throw error
      return make('unlimited', {})
    }),
  )
}

export async function removeVolume(engine: Engine, machine: string): Promise<void> {
  const volume = engine.docker.getVolume(nameOf(engine, machine))
  await asking(() => volume.remove().catch(unlessStatus(404)))
}

const isWithoutLimits = (error: unknown) => /quota|invalid option|size/i.test(refusalOf(error)?.message ?? '')
