// A machine of the provider `docker`, on an Engine of its own in the computer's network namespace.

import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dockerProvider } from '@spoq/providers/docker'
import { type Started, startEngine, unmount, until } from '../docker/engine.ts'
import { importImage } from '../docker/image.ts'
import type { Network } from './network.ts'
import type { Row } from './row.ts'
import { makeMachine, type Stage } from './stage.ts'

const machine = 'mach_0123456789abcdef0123'
const name = `spoq-isolation-${machine}`
const spec = {
  machine,
  name: 'isolation',
  owner: 'nobody',
  issuer: 'http://127.0.0.1:9',
  jwksUrl: 'http://127.0.0.1:9/jwks',
}

export async function startDocker(stage: Stage, network: Network): Promise<Row> {
  const place = join(stage.folder, 'docker')
  const engine = await startEngine(place, network.enter)
  const socket = join(place, 'engine.sock')
  const docker = (...words: string[]) =>
    execFileSync('docker', ['--host', `unix://${socket}`, ...words], { encoding: 'utf8' })
  try {
    await importImage(socket, 'spoq', files => cpSync(join(stage.folder, 'attempt.mjs'), join(files, 'attempt.mjs')))
    // Without the rules a container reaches the metadata service: what is refused later would have answered.
    const fetch = ['node', '/attempt.mjs', 'fetch', '169.254.169.254', '100.100.100.200']
    const answered = docker('run', '--rm', 'spoq', ...fetch)
    if (answered.split('planted metadata').length !== 3)
      throw new Error(`the metadata service does not answer: ${answered}`)
    const outside = await start(stage, network, docker, socket)
    await until(
      () => existsSync(join(outside, 'local.sock')),
      { ...engine, said: () => docker('logs', name) },
      'local socket',
    )
    return {
      name: 'Docker',
      outside,
      inside: '/var/lib/spoq/machine',
      isolation: 'uid',
      network: 'guarded',
      stop: async () => {
        const roots = rootsOf(docker)
        const guard = 'spoq-guard-isolation'
        docker('rm', '--force', name, guard)
        await stopEngine(engine, network, place)
        if (roots.length > 0) throw new Error(`something stayed root in the container: ${roots}`)
      },
    }
  } catch (error) {
    await stopEngine(engine, network, place)
    throw error
  }
}

/** Makes the machine, plants what is to be kept from its commands, and starts it again; answers its folder as it is seen here. */
async function start(
  stage: Stage,
  network: Network,
  docker: (...words: string[]) => string,
  socket: string,
): Promise<string> {
  const provider = dockerProvider({
    host: `unix://${socket}`,
    image: 'spoq',
    socketsDir: join(stage.folder, 'sockets'),
    installation: 'isolation',
    reach: [new URL(network.modelUrl).host],
    now: Date.now,
  })
  await provider.create(spec)
  await provider.suspend(machine)
  const volume = join(stage.folder, 'volume')
  symlinkSync(docker('volume', 'inspect', '--format', '{{.Mountpoint}}', name).trim(), volume)
  const planted = join(stage.folder, 'planted')
  makeMachine(planted, network.modelUrl, true)
  for (const folder of ['machine', 'workspace'])
    execFileSync('cp', ['--archive', `${join(planted, folder)}/.`, join(volume, folder)])
  await provider.resume(machine)
  const hosts = docker('inspect', '--format', '{{.HostsPath}}', name).trim()
  appendFileSync(hosts, '169.254.169.254 metadata.google.internal\n')
  return join(volume, 'machine')
}

function rootsOf(docker: (...words: string[]) => string): string[] {
  const pids = docker('top', name, '-eo', 'pid').split('\n').slice(1).filter(Boolean)
  return pids.filter(pid => /^Uid:\s+0\b/m.test(readFileSync(`/proc/${pid.trim()}/status`, 'utf8')))
}

/** It also leaves rules: the next row starts without them. */
async function stopEngine(engine: Started, network: Network, place: string): Promise<void> {
  await engine.end()
  await sleep(100)
  unmount(place)
  execFileSync(network.enter[0] as string, [...network.enter.slice(1), 'nft', 'flush', 'ruleset'])
}
