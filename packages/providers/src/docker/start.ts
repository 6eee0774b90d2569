// Starts a machine, behind the firewall's rules and never before them.

import { setTimeout as sleep } from 'node:timers/promises'
import { ProviderError, type Resource } from '../provider.ts'
import { begin } from './begin.ts'
import { ensureContainer, type Wanted } from './container.ts'
import { ensureGuard } from './guard.ts'
import { nameOf } from './names.ts'
import { ensureNetwork } from './network.ts'
import type { Engine } from './options.ts'
import { ensureSockets } from './sockets.ts'
import { status } from './status.ts'
import { ensureVolume } from './volume.ts'

const pollMs = 50

/** Makes whatever is missing of a machine, starts it unless it runs, and waits until its Conductor answers. */
export async function start(engine: Engine, wanted: Wanted): Promise<Resource> {
  const { machine, size } = wanted
  // The volume first: by it alone a machine is found again, and made whole.
  await ensureVolume(engine, machine, size)
  await ensureNetwork(engine, machine)
  await ensureSockets(engine, machine)
  const { State } = await ensureContainer(engine, wanted)
  if (!State.Running) {
    await ensureGuard(engine)
    await begin(engine.docker.getContainer(nameOf(engine, machine)))
  }
  return up(engine, machine)
}

/** @throws ProviderError with what it said at last when it ends. */
async function up(engine: Engine, machine: string): Promise<Resource> {
  for (;;) {
    const resource = await status(engine, machine)
    if (resource?.state === 'running') return resource
    if (resource?.state !== 'creating') throw new ProviderError('retry', await lastWords(engine, machine, resource))
    await sleep(pollMs)
  }
}

async function lastWords(engine: Engine, machine: string, resource: Resource | null): Promise<string> {
  const container = engine.docker.getContainer(nameOf(engine, machine))
  const said = await container.logs({ stdout: true, stderr: true, tail: 20 }).then(
    log => textOf(log),
    () => '',
  )
  const lines = said.split('\n').filter(line => line.trim() !== '' && !line.startsWith('{'))
  return [resource?.reason ?? 'The machine ended while it started.', ...lines.slice(-2)].join(' ').slice(0, 500)
}

/** Without the heads of eight bytes that the Engine puts before each piece. */
function textOf(log: Buffer): string {
  let text = ''
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4)
    text += log.toString('utf8', at + 8, end)
    at = end
  }
  return text
}
