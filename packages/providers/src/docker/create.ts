import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { sizeOf, usualSize } from './catalog.ts'
import { inside } from './container.ts'
import { isMachine } from './names.ts'
import type { Engine } from './options.ts'
import { start } from './start.ts'
import { status } from './status.ts'

/** Makes a machine, or finishes and starts what is there of it; one that runs goes on as it is. */
export async function create(engine: Engine, spec: MachineSpec): Promise<Resource> {
  const { machine, region = engine.region, size = usualSize } = spec
  if (!isMachine(machine)) throw new ProviderError('refused', `${machine} is not a machine's id.`)
  if (region !== engine.region) throw new ProviderError('refused', `There is no region ${region}: ${engine.region} is.`)
  sizeOf(size)
  const there = await status(engine, machine)
  if (there?.state === 'running') return there
  const config = {
    machine,
    members: spec.owner === null ? [] : [spec.owner],
    issuer: spec.issuer,
    jwksUrl: spec.jwksUrl,
    edge: engine.socketsDir === null ? null : { socket: `${inside.sockets}/edge.sock` },
    ...(spec.tunnel ? { tunnel: spec.tunnel } : {}),
  }
  return start(engine, { machine, size, config })
}
