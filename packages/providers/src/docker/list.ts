import type { Resource } from '../provider.ts'
import { asking } from './fault.ts'
import { filtersOf, labels } from './names.ts'
import type { Engine } from './options.ts'
import { status } from './status.ts'

/** Every machine of which anything is there: a container, a volume or a network. */
export async function list(engine: Engine): Promise<Resource[]> {
  const { docker } = engine
  const filters = filtersOf(engine)
  const [containers, volumes, networks] = await asking(
    () =>
      Promise.all([
        docker.listContainers({ all: true, filters }),
        docker.listVolumes({ filters }),
        docker.listNetworks({ filters }),
      ]),
    { isHarmless: true },
  )
  const things = [...containers, ...(volumes.Volumes ?? []), ...networks]
  const machines = new Set(things.flatMap(({ Labels }) => Labels?.[labels.machine] ?? []))
  const seen: Resource[] = []
  for (const machine of machines) {
    const resource = await status(engine, machine)
    if (resource) seen.push(resource)
  }
  return seen
}
