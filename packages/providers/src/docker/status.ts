import type Docker from 'dockerode'
import type { Resource } from '../provider.ts'
import { lookedUp } from './fault.ts'
import { isMachine, isOurs, nameOf } from './names.ts'
import { networksOf } from './network.ts'
import type { Engine } from './options.ts'
import { edgeOf, isUp } from './sockets.ts'

/** Looks at a machine's container; what is there of a machine without one is a machine that was half made. */
export async function status(engine: Engine, ref: string): Promise<Resource | null> {
  if (!isMachine(ref)) return null
  const name = nameOf(engine, ref)
  const { docker } = engine
  const container = await lookedUp(() => docker.getContainer(name).inspect())
  if (container && isOurs(engine, container.Config.Labels, ref)) return resourceOf(engine, ref, container)
  const volume = await lookedUp(() => docker.getVolume(name).inspect())
  const isThere = isOurs(engine, volume?.Labels, ref) || (await networksOf(engine, ref)).length > 0
  return isThere ? { ref, machine: ref, state: 'stopped', endpoint: null } : null
}

/** One whose Conductor does not answer is creating at first; later it runs all the same, and whoever asks it is told. */
async function resourceOf(engine: Engine, machine: string, { State }: Docker.ContainerInspectInfo): Promise<Resource> {
  const known = { ref: machine, machine, endpoint: null }
  if (!State.Running || State.Restarting) {
    const reason = reasonOf(State)
    return { ...known, state: 'stopped', ...(reason === undefined ? {} : { reason }) }
  }
  const isYoung = engine.now() - Date.parse(State.StartedAt) < engine.patience.startMs
  const socket = edgeOf(engine, machine)
  const state = isYoung && !(await isUp(engine, machine)) ? 'creating' : 'running'
  return { ...known, state, ...(socket === null ? {} : { socket }) }
}

/** Why it ended, where nobody wanted it to. */
function reasonOf({ OOMKilled, ExitCode, Error: error }: Docker.ContainerInspectInfo['State']): string | undefined {
  if (OOMKilled) return 'It needed more memory than it has.'
  if (error) return `Docker could not start it: ${error.slice(0, 200)}`
  return [0, 137, 143].includes(ExitCode) ? undefined : `Its Conductor ended with status ${ExitCode}.`
}
