// For tests: a whole Engine with the image of a machine on it, and nothing left afterwards.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Network, startNetwork } from '../isolation/network.ts'
import { childrenOf, killEach, namedBy } from '../processes.ts'
import { restartEngine, type Started, startEngine, unmount } from './engine.ts'
import { importImage } from './image.ts'

const needed = ['dockerd', 'docker', 'nft', 'busybox', 'setpriv', 'ip', 'nsenter', 'openssl']

/** What the computer has not got for this; null when nothing is missing. Throws where CI=true. */
export function whyNoDocker(): string | null {
  const paths = String(process.env.PATH).split(':')
  const missing = needed.filter(name => !paths.some(path => existsSync(join(path, name))))
  if (process.getuid?.() !== 0) missing.push('root')
  if (missing.length === 0) return null
  const why = `there is no ${missing.join(', ')}`
  if (process.env.CI === 'true') throw new Error(`Docker cannot be tested: ${why}`)
  console.log(`skipped: ${why}`)
  return why
}

export interface DockerBed {
  host: string
  image: string
  /** For the machines' sockets. */
  socketsDir: string
  network: Network
  /** `docker WORDS`, and what it printed. */
  docker: (...words: string[]) => string
  /** Kills the Engine as a crash does, and starts it again on what is there. */
  kill: () => Promise<void>
  restart: () => Promise<void>
  stop: () => Promise<void>
}

/** `more` adds to the image's files, `env` to what its programs are told. */
export async function startDockerBed(more?: (files: string) => void, env?: Record<string, string>): Promise<DockerBed> {
  const folder = mkdtempSync('/var/lib/spoq-docker-')
  execFileSync('chmod', ['755', folder])
  const network = await startNetwork()
  const place = join(folder, 'engine')
  const socket = join(place, 'engine.sock')
  let engine: Started = await startEngine(place, network.enter)
  const docker = (...words: string[]) =>
    execFileSync('docker', ['--host', `unix://${socket}`, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const stop = async () => {
    if (engine.child.exitCode !== null || engine.child.signalCode !== null)
      engine = await restartEngine(place, network.enter)
    const all = docker('ps', '--all', '--quiet').split('\n').filter(Boolean)
    if (all.length > 0) docker('rm', '--force', '--volumes', ...all)
    await engine.end()
    // An Engine that was killed in the middle of a start has forgotten the container.
    for (const shim of namedBy(`${place}/exec/containerd`)) killEach([...childrenOf(shim), shim])
    await network.stop()
    unmount(folder)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await importImage(socket, 'spoq-machine', more, env)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    host: `unix://${socket}`,
    image: 'spoq-machine',
    socketsDir: join(folder, 'sockets'),
    network,
    docker,
    kill: () => engine.end('SIGKILL'),
    restart: async () => {
      engine = await restartEngine(place, network.enter)
    },
    stop,
  }
}
