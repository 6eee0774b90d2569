// A machine's container. Everything that keeps what runs in it to itself stands in this one body.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ConductorConfig } from '@spoq/contracts/machine'
import type Docker from 'dockerode'
import { ProviderError } from '../provider.ts'
import { sizeOf } from './catalog.ts'
import { asking, lookedUp, unlessStatus } from './fault.ts'
import { isOurs, labels, labelsOf, nameOf } from './names.ts'
import type { Engine } from './options.ts'

/** As the image has them: the Conductor's user, the one of its agents' commands, and the group of their workspace. */
export const users = { conductor: 64_301, tools: 64_302, group: 64_303 }

/** Where a machine has its sockets, its folder and its workspace. */
export const inside = { sockets: '/run/spoq', home: '/var/lib/spoq', folder: '/var/lib/spoq/machine' }

export interface Wanted {
  machine: string
  size: string
  /** Left out: it goes on with the one that it has. */
  config?: ConductorConfig
}

/** The container of a machine as it is wanted: there, and not started. One that runs is let be. */
export async function ensureContainer(engine: Engine, wanted: Wanted): Promise<Docker.ContainerInspectInfo> {
  const name = nameOf(engine, wanted.machine)
  const container = engine.docker.getContainer(name)
  const body = bodyOf(engine, wanted)
  const there = await lookedUp(() => container.inspect())
  if (there && !isOurs(engine, there.Config.Labels, wanted.machine))
    throw new ProviderError('refused', `In Docker another container has the name ${name}.`)
  // What it keeps is in its volume, so that one which was made by other words is made again.
  const isOther = wanted.config !== undefined && there?.Config.Labels[labels.form] !== body.Labels?.[labels.form]
  if (there && !there.State.Running && isOther) await removeContainer(engine, wanted.machine)
  if (!there || (!there.State.Running && isOther))
    await asking(() => engine.docker.createContainer({ ...body, name }).catch(unlessStatus(409))).catch(
      explained(engine),
    )
  return asking(() => container.inspect(), { isHarmless: true })
}

export async function removeContainer(engine: Engine, machine: string): Promise<void> {
  const container = engine.docker.getContainer(nameOf(engine, machine))
  await asking(() => container.remove({ force: true, v: true }).catch(unlessStatus(404)))
}

function explained({ image }: Engine): (error: unknown) => never {
  return error => {
    if (error instanceof ProviderError && error.kind === 'gone')
      throw new ProviderError('refused', `The image ${image} is not on the Docker host: build it there, or pull it.`)
    throw error
  }
}

function bodyOf(engine: Engine, { machine, size, config }: Wanted): Docker.ContainerCreateOptions {
  const { image } = engine
  const { conductor, tools, group } = users
  const body: Docker.ContainerCreateOptions = {
    Image: image,
    Hostname: 'spoq',
    Entrypoint: ['/usr/lib/spoq/container.sh'],
    Cmd: [conductor, tools, group, inside.folder].map(String),
    // It begins as root without the rights of root: with two of them it becomes its users, and then has none.
    User: '0:0',
    WorkingDir: '/',
    StopSignal: 'SIGTERM',
    Env: config ? [`SPOQ_CONFIG=${JSON.stringify(config)}`] : [],
    HostConfig: hardened(engine, machine, size),
  }
  const form = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  return { ...body, Labels: { ...labelsOf(engine, machine), [labels.size]: size, [labels.form]: form } }
}

function hardened(engine: Engine, machine: string, size: string): Docker.HostConfig & { CgroupnsMode: string } {
  const { cpus, memoryMb, diskGb, pids } = sizeOf(size)
  const memory = memoryMb * 2 ** 20
  const own = nameOf(engine, machine)
  const { socketsDir, nameServers } = engine
  return {
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    CapAdd: ['SETUID', 'SETGID'],
    SecurityOpt: ['no-new-privileges'],
    Privileged: false,
    NetworkMode: own,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    PidsLimit: pids,
    Memory: memory,
    // As much in all: no swap.
    MemorySwap: memory,
    NanoCpus: cpus * 1e9,
    ShmSize: 64 * 2 ** 20,
    // A file no larger than the disk that was asked for, also where nothing limits the whole of it.
    Ulimits: [
      { Name: 'nofile', Soft: 4_096, Hard: 16_384 },
      { Name: 'fsize', Soft: diskGb * 2 ** 30, Hard: diskGb * 2 ** 30 },
      { Name: 'core', Soft: 0, Hard: 0 },
    ],
    Tmpfs: { '/tmp': `rw,nosuid,nodev,exec,mode=1777,size=${Math.floor(memoryMb / 4)}m` },
    Mounts: [
      { Type: 'volume', Source: own, Target: inside.home },
      ...(socketsDir === null
        ? []
        : [{ Type: 'bind' as const, Source: join(socketsDir, machine), Target: inside.sockets }]),
    ],
    Dns: [...nameServers],
    Sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1', 'net.ipv6.conf.default.disable_ipv6': '1' },
    // Docker never starts one by itself, see guard.ts.
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '5m', 'max-file': '2' } },
  }
}
