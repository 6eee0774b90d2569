// A Conductor: folder lock, log, services, the two listeners. The order matters: nothing is touched before the lock is
// held, and nobody is answered before what the last stop left was cleaned up.

import type { Server } from 'node:http'
import { join } from 'node:path'
import type { ConductorConfig } from '@spoq/contracts/machine'
import { lockFolder } from '@spoq/kit/folder-lock'
import { socketPath } from '@spoq/kit/socket-path'
import manifest from '../package.json' with { type: 'json' }
import { carryThrough } from './archive/index.ts'
import { readConfig } from './config.ts'
import { edgeApp, listenEdge } from './http/edge.ts'
import { closeServer } from './http/listen.ts'
import { listenLocal, localApp } from './http/local.ts'
import { tokenCheck } from './http/token.ts'
import { newId } from './id.ts'
import { openDatabase } from './log/index.ts'
import { type ConductorOptions, type Settings, settingsOf } from './options.ts'
import { type Services, services, workspaceOf } from './services.ts'
import { upgradeToSsh } from './ssh/index.ts'
import { chosenOffer, machineTunnel } from './tunnel/index.ts'

export type { ConductorOptions } from './options.ts'

export interface Conductor {
  /** Where the edge answers; null when it has no address of its own. */
  endpoint: string | null
  /** The local socket. */
  socket: string
  /** Ends it in good order; harmless when it has ended. */
  stop(): Promise<void>
  /** Settles once it has ended, whoever wanted it: for good, or to be started anew on what was put back. */
  stopped: Promise<Ended>
}

export type Ended = 'stopped' | 'restart'

/**
 * Starts the Conductor of a machine folder; it answers requests once this does.
 * @throws FolderBusy when another process serves the folder; SpoqError `config_invalid`, `port_taken`, `disk_full`.
 */
export async function startConductor(options: ConductorOptions): Promise<Conductor> {
  const settings = settingsOf(options)
  const { folder } = settings
  // First, because taking the lock makes the folder: a machine that was just ended must not come back as an empty one.
  const config = readConfig(folder)
  const lock = lockFolder(folder)
  const undo: (() => unknown)[] = [() => lock.release()]
  const { promise: stopped, resolve: hasStopped } = Promise.withResolvers<Ended>()
  let stopping: Promise<void> | undefined
  const end = (how: Ended) => {
    stopping ??= inReverse(undo).then(() => hasStopped(how))
    return stopping
  }
  const stop = () => end('stopped')

  try {
    carryThrough({ folder, workspace: workspaceOf(folder) })
    const database = openDatabase(join(folder, 'log.sqlite'), settings.maxPages)
    undo.push(() => database.close())
    const servers: Server[] = []
    undo.push(() => Promise.all(servers.map(closeServer)))
    const parts = await services(settings, config, database, undo, end)
    const reached = await listen(settings, config, parts, servers, undo)
    lock.tell({ address: reached.endpoint ?? reached.socket })
    settings.ownLog.write({ level: 'info', message: 'started', version: manifest.version })
    undo.push(() => settings.ownLog.write({ level: 'info', message: 'stopping' }))
    return { ...reached, stop, stopped }
  } catch (error) {
    await stop()
    throw error
  }
}

async function listen(
  { folder, now, logger }: Settings,
  config: ConductorConfig,
  { bind, reachedAt, tunnelledBy, access, activity, ssh }: Services,
  servers: Server[],
  undo: (() => unknown)[],
): Promise<{ endpoint: string | null; socket: string }> {
  const app = { logger, newId, now, used: activity.watch }
  const socket = socketPath(folder, 'local.sock')
  servers.push(await listenLocal(localApp(app, bind), socket))
  if (!config.edge && !config.tunnel) return { endpoint: null, socket }
  const outside = edgeApp(app, { check: tokenCheck(config, now), access }, bind)
  const tunnel = machineTunnel(outside, { logger, now, connected: ssh.connected })
  undo.push(() => tunnel.stop())
  tunnelledBy(tunnel)
  const use = () => tunnel.use(chosenOffer(access.tunnel(), config.tunnel))
  access.onChange(use)
  use()
  if (!config.edge) return { endpoint: null, socket }
  const edge = await listenEdge(outside, config.edge, folder)
  upgradeToSsh(edge.server, ssh)
  servers.push(edge.server)
  reachedAt(edge.endpoint)
  return { endpoint: edge.endpoint, socket }
}

async function inReverse(steps: (() => unknown)[]): Promise<void> {
  for (const step of steps.toReversed()) await step()
}
