// An operator's fleet as it runs: a backend that is a process of its own, PostgreSQL, a Docker Engine with the image of a
// machine on it, and people who come to it over HTTP.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { overSocket } from '@spoq/client/socket'
import type { Target } from '@spoq/client/target'
import { type Database, openDatabase } from '@spoq/server/db/open'
import { type DockerBed, startDockerBed, whyNoDocker } from '../docker/bed.ts'
import { startRelay } from '../docker/relay.ts'
import { freePorts } from '../free-ports.ts'
import { startPostgres, whyNoPostgres } from '../postgres/server.ts'
import { openPerson, type Person } from './person.ts'

/** What is missing on this computer; null when nothing is. */
export const whyNoFleet = (): string | null => whyNoPostgres ?? whyNoDocker()

export interface Fleet {
  docker: DockerBed
  database: Database
  /** Somebody who has not signed up yet; each number is another one, at an address of their own. */
  person: (at: number) => Person
  /** Somebody who runs the server, signed in. */
  admin: Person
  /** Asks the edge of a machine, as nobody. */
  edge: <T>(machine: string, ask: (edge: Target) => Promise<T>) => Promise<T>
  /** The machines that wait to be claimed. */
  warm: () => Promise<string[]>
  /** The containers of machines: which machine each is, since when it runs. */
  containers: () => Map<string, string>
  /** What the backend said is wrong. */
  complaints: readonly string[]
  stop: () => Promise<void>
}

/** As machines see the backend. */
const address = '10.99.0.1:9443'
const main = resolve(import.meta.dirname, '../../../../server/src/main.ts')

export async function startFleet(settings: Record<string, string> = {}): Promise<Fleet> {
  await using opened = new AsyncDisposableStack()
  const docker = await startDockerBed()
  opened.defer(() => docker.stop())
  const postgres = await startPostgres()
  opened.defer(() => postgres.remove())
  const dataDir = mkdtempSync(join(tmpdir(), 'spoq-fleet-'))
  opened.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const port = (await freePorts(1))[0] ?? 0
  const relay = await startRelay(docker.network.enter, address, port, join(dataDir, 'relay.sock'))
  opened.defer(() => relay.stop())
  const database = await openDatabase({ dataDir: '', url: postgres.url })
  opened.defer(() => database.close())
  const complaints: string[] = []
  const backend = await startBackend(complaints, {
    SPOQ_DATA_DIR: dataDir,
    SERVER_PORT: String(port),
    DATABASE_URL: postgres.url,
    BASE_URL: `http://${address}`,
    LOG_LEVEL: 'warn',
    ADMIN_EMAILS: 'person0@example.com',
    DOCKER_HOST: docker.host,
    DOCKER_IMAGE: docker.image,
    DOCKER_SOCKETS_DIR: docker.socketsDir,
    DOCKER_REACH: address,
    ...settings,
  })
  opened.defer(() => end(backend))
  const place = { port, origin: `http://${address}`, socketsDir: docker.socketsDir, dataDir }
  const admin = openPerson(place, 0)
  await admin.signUp()
  const running = opened.move()
  return {
    docker,
    database,
    admin,
    complaints,
    person: at => openPerson(place, at),
    edge: async (machine, ask) => {
      const dispatcher = overSocket(join(docker.socketsDir, machine, 'edge.sock'))
      const edge = {
        origin: 'http://conductor',
        dispatcher,
        unreachable: 'machine_unreachable',
        now: Date.now,
      } as const
      return ask(edge).finally(() => dispatcher.destroy())
    },
    warm: async () => (await database.query<{ id: string }>(warmQuery)).map(({ id }) => id),
    containers: () => containersOf(docker),
    stop: () => running.disposeAsync(),
  }
}

const warmQuery = `SELECT id FROM machine WHERE account_id IS NULL AND state = 'provisioning' AND stage = 'warm' ORDER BY id`

function containersOf({ docker }: DockerBed): Map<string, string> {
  const ids = docker('ps', '--quiet', '--filter', 'label=dev.spoq.machine').split('\n').filter(Boolean)
  if (ids.length === 0) return new Map()
  const format = '{{index .Config.Labels "dev.spoq.machine"}} {{.Id}} {{.State.StartedAt}}'
  const lines = docker('inspect', '--format', format, ...ids)
    .trim()
    .split('\n')
  return new Map(lines.map(line => [String(line.split(' ')[0]), line]))
}

async function startBackend(complaints: string[], env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, '--json'], {
    env: { PATH: String(process.env.PATH), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  createInterface({ input: child.stderr }).on('line', line => complaints.push(line))
  const ready = once(createInterface({ input: child.stdout }), 'line')
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the backend does not start: ${complaints.slice(-3).join(' ')}`)
  })
  await Promise.race([ready, ended])
  ended.catch(() => {})
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
