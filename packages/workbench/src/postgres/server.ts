// A PostgreSQL server of a test run's own: a new one in a temporary folder, on loopback, with a password that nobody else
// has. It can be killed and started again.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../free-ports.ts'

const installed = '/usr/lib/postgresql'
const version = existsSync(installed) ? readdirSync(installed).sort((a, b) => Number(a) - Number(b))[0] : undefined
const program = (name: string) => join(installed, String(version), 'bin', name)

/** Why there is nothing to test with; undefined where there is. */
export const whyNoPostgres =
  version && existsSync(program('postgres')) ? undefined : `there is no PostgreSQL server in ${installed}`

export interface PostgresServer {
  /** Of its first database, for a user who may make others. */
  url: string
  /** Ends it as a lost computer would. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and takes its folder away. */
  remove(): Promise<void>
}

/** Makes a server and starts it. Nothing is flushed to the disk: what a crash of the computer keeps is not asked here. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-postgres-'))
  const user = ordinaryUser()
  const password = randomBytes(16).toString('hex')
  writeFileSync(join(folder, 'password'), password, { mode: 0o600 })
  for (const path of [folder, join(folder, 'password')]) chownSync(path, user.uid, user.gid)
  const data = join(folder, 'data')
  const make = ['-D', data, '-U', 'spoq', '-A', 'scram-sha-256', '--pwfile', join(folder, 'password')]
  execFileSync(program('initdb'), [...make, '-E', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'], { ...user, cwd: folder })
  const port = (await freePorts(1))[0] ?? 0
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300']
  const args = [...settings, 'fsync=off', 'logging_collector=off'].flatMap(setting => ['-c', setting])

  let server: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exit = once(server, 'exit')
    server.kill(signal)
    await exit
  }
  const start = async () => {
    server = spawn(program('postgres'), ['-D', data, ...args], { ...user, cwd: folder, stdio: 'ignore' })
    const patience = AbortSignal.timeout(30_000)
    while (spawnSync(program('pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status !== 0) {
      if (patience.aborted) throw new Error('PostgreSQL does not start')
      // The children of one that was killed hold its memory for a moment.
      if (server.exitCode !== null) return start()
      await sleep(50)
    }
  }
  // A run that is broken off leaves none behind.
  process.once('exit', () => server?.kill('SIGQUIT'))
  process.once('SIGTERM', () => process.exit(143))
  await start()
  return {
    url: `postgres://spoq:${password}@127.0.0.1:${port}/postgres`,
    kill: () => end('SIGKILL'),
    start,
    remove: async () => {
      await end('SIGQUIT')
      rmSync(folder, { recursive: true })
    },
  }
}

/** PostgreSQL refuses to run as root; its package brings a user. */
function ordinaryUser(): { uid: number; gid: number } {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  if (own.uid !== 0) return own
  const [, , uid, gid] = /^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? []
  if (!uid || !gid) throw new Error('there is no user postgres')
  return { uid: Number(uid), gid: Number(gid) }
}
