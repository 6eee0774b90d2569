import type { ConductorConfig } from '@spoq/contracts/machine'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { start } from './conductor.ts'
import { isMachine, makeFolder } from './folder.ts'
import type { Local } from './options.ts'

/**
 * Makes the machine's folder and starts its Conductor. What is there already is kept but for its configuration; a
 * Conductor that runs goes on with the one that it read.
 */
export async function create(local: Local, spec: MachineSpec): Promise<Resource> {
  if (!isMachine(spec.machine)) throw new ProviderError('refused', `${spec.machine} is not a machine's id.`)
  await makeFolder(local, configOf(spec))
  return start(local, spec.machine)
}

const configOf = (spec: MachineSpec): ConductorConfig => ({
  machine: spec.machine,
  members: spec.owner === null ? [] : [spec.owner],
  issuer: spec.issuer,
  jwksUrl: spec.jwksUrl,
  ...(spec.tunnel ? { tunnel: spec.tunnel } : {}),
  edge: { host: '127.0.0.1', port: 0 },
})
