// SSH where the machine has no sshd that runs: one is started for each connection that a gateway opens, as this user, and
// takes nothing but certificates of the gateways that the backend named. On a server of its own systemd starts it, outside of the
// sandbox in which the Conductor is.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import type { Duplex } from 'node:stream'
import { SpoqError } from '@spoq/contracts/problem'
import { sshProtocol } from '@spoq/contracts/ssh'
import type { Logger } from '../http/logger.ts'
import { sshFiles } from './files.ts'
import { findSshd } from './find.ts'

export interface Ssh {
  /** Trusts these from now on. @throws SpoqError `sshd_missing` */
  prepare(authorities: readonly string[]): { hostKey: string; user: string }
  /** Takes a connection that a gateway opened by a name; false: there is nothing of that name, or it cannot be now. */
  connected(name: string, stream: Duplex): boolean
  /** Whether anybody is connected. */
  isUsed(): boolean
  /** Ends those who are connected. */
  stop(): void
}

interface Options {
  folder: string
  machine: string
  logger: Logger
  /** The program; left out: this computer's. */
  sshd?: string | undefined
  /** Where systemd starts one for each connection (spoq-ssh.socket), if it is there. */
  socket?: string
}

const mostConnections = 64
const usualSocket = '/run/spoq-ssh.sock'

export function openSsh({ folder, machine, logger, sshd, socket = usualSocket }: Options): Ssh {
  /** How to end each. */
  const live = new Set<() => void>()
  const program = () => sshd ?? findSshd()
  const user = () => userInfo().username
  const files = () => sshFiles(folder, machine, user())

  return {
    prepare(authorities) {
      if (program() === null) throw new SpoqError('sshd_missing')
      const { hostKey, trust } = files()
      trust(authorities)
      return { hostKey, user: user() }
    },
    connected(name, stream) {
      const path = program()
      if (name !== sshProtocol || path === null || live.size >= mostConnections) return false
      const { config, isTrusting } = files()
      if (!isTrusting()) return false
      const handedOver = sshd === undefined && existsSync(socket)
      const { end, over } = handedOver
        ? handOver(connect(socket), stream, logger)
        : startOne(path, config, stream, logger)
      live.add(end)
      void over.then(() => live.delete(end))
      return true
    },
    isUsed: () => live.size > 0,
    stop() {
      for (const end of live) end()
    },
  }
}

interface Live {
  end: () => void
  /** Settles once it has ended. */
  over: Promise<unknown>
}

function startOne(path: string, config: string, stream: Duplex, logger: Logger): Live {
  // Nothing of the Conductor's own environment reaches a session.
  const child = spawn(path, ['-i', '-e', '-f', config], {
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
    stdio: 'pipe',
  })
  join(child, stream, logger)
  return { end: () => void child.kill('SIGTERM'), over: new Promise(done => child.once('close', done)) }
}

function handOver(there: Socket, stream: Duplex, logger: Logger): Live {
  const end = () => void there.destroy()
  there.on('error', error => {
    logger({ level: 'error', message: 'sshd does not start', reason: error.message })
    stream.destroy()
  })
  stream.on('error', end)
  stream.once('close', end)
  there.once('close', () => stream.end())
  stream.pipe(there).pipe(stream)
  return { end, over: new Promise(done => there.once('close', done)) }
}

/** Whoever of the two goes first, the other goes too. */
function join(child: ChildProcess, stream: Duplex, logger: Logger): void {
  const { stdin, stdout, stderr } = child
  if (!stdin || !stdout || !stderr) return void stream.destroy()
  let said = ''
  stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-2_000)
  })
  const end = () => child.kill('SIGTERM')
  for (const each of [stdin, stdout, stream]) each.on('error', end)
  stream.once('close', end)
  stream.pipe(stdin)
  stdout.pipe(stream)
  child.once('error', error => {
    logger({ level: 'error', message: 'sshd does not start', reason: error.message })
    stream.destroy()
  })
  child.once('close', status => {
    if (status !== 0 && said) logger({ level: 'error', message: 'sshd ended', reason: said.trim() })
    if (!stream.writableEnded) stream.end()
  })
}
