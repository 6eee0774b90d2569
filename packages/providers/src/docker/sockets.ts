// The folder on this computer in which a machine's Conductor answers, and whether it does.

import { chmod, chown, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { atConductor } from '@spoq/client/conductor'
import { health } from '@spoq/contracts/status'
import { ProviderError } from '../provider.ts'
import { users } from './container.ts'
import type { Engine } from './options.ts'

/** The socket of a machine's edge, as this computer sees it; null where it cannot. */
export const edgeOf = ({ socketsDir }: Engine, machine: string) =>
  socketsDir === null ? null : join(socketsDir, machine, 'edge.sock')

/** Makes the folder: open to the Conductor's user alone, which is neither that of its agents' commands nor of other machines. */
export async function ensureSockets({ socketsDir }: Engine, machine: string): Promise<void> {
  if (socketsDir === null) return
  const folder = join(socketsDir, machine)
  try {
    await mkdir(socketsDir, { recursive: true, mode: 0o711 })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await chown(folder, users.conductor, users.group)
  } catch (cause) {
    const message = `${folder} cannot be made for the machine's user (${(cause as Error).message}).`
    throw new ProviderError('refused', message, { cause })
  }
}

export async function removeSockets({ socketsDir }: Engine, machine: string): Promise<void> {
  if (socketsDir !== null) await rm(join(socketsDir, machine), { recursive: true, force: true })
}

/** Whether its Conductor answers. Nobody can tell where it has no socket here: then yes. */
export async function isUp(engine: Engine, machine: string): Promise<boolean> {
  const socket = edgeOf(engine, machine)
  if (socket === null) return true
  const signal = AbortSignal.timeout(2_000)
  return atConductor(`unix:${socket}`, { now: engine.now }, target => call(target, health, { signal })).then(
    () => true,
    () => false,
  )
}
