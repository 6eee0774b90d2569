// SSH where the machine has no sshd that runs: one is started for each connection that a gateway opens, as this user, and
// takes nothing but certificates of the gateways that the backend named.

import { type ChildProcess, spawn } from 'node:child_process'
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
}

const mostConnections = 64

export function openSsh({ folder, machine, logger, sshd }: Options): Ssh {
  const live = new Set<ChildProcess>()
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
      // Nothing of the Conductor's own environment reaches a session.
      const child = spawn(path, ['-i', '-e', '-f', config], {
        env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
        stdio: 'pipe',
      })
      live.add(child)
      join(child, stream, logger)
      child.once('close', () => live.delete(child))
      return true
    },
    isUsed: () => live.size > 0,
    stop() {
      for (const child of live) child.kill('SIGTERM')
    },
  }
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
