// Debian's real sshd on loopback, with a configuration and keys of its own. It needs a user that this computer may not have,
// so it sees a list of users of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../free-ports.ts'
import { hasProgram } from '../has-program.ts'
import { childrenOf, killEach } from '../processes.ts'
import { serverFolder } from './programs.ts'

export interface Sshd extends AsyncDisposable {
  port: number
  pid: number
  /** `ssh-ed25519 AAAA…` */
  hostKey: string
  /** What it logged. */
  log: () => string
  /** Kills it and all its sessions, as a machine that dies. */
  die: () => Promise<void>
}

interface SshdOptions {
  /** Lines of its configuration, before ours. */
  config?: readonly string[]
  /** Lines of authorized_keys. */
  keys?: readonly string[]
}

/** Why it cannot be started here; null when it can. Where the tests have to run it throws that. */
export function whyNoSshd(): string | null {
  const missing = ['apt-get', 'dpkg-deb', 'unshare', 'mount', 'ssh', 'ssh-keygen'].filter(name => !hasProgram(name))
  if (process.getuid?.() !== 0) missing.push('root')
  const why = missing.length > 0 ? `there is no ${missing.join(', ')}` : null
  if (why && process.env.CI === 'true') throw new Error(`SSH cannot be tested: ${why}`)
  if (why) console.log(`skipped: ${why}`)
  return why
}

/** A program in a folder that runs it, as one that is installed would. */
export function sshdProgram(folder: string): string {
  const [root, passwd, program] = [serverFolder(), join(folder, 'passwd'), join(folder, 'sshd')]
  writeFileSync(passwd, `${readFileSync('/etc/passwd', 'utf8')}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`)
  const script = [
    `mount --bind ${passwd} /etc/passwd`,
    'mount -t tmpfs tmpfs /run',
    'mkdir -m 755 /run/sshd',
    `export LD_LIBRARY_PATH=${root}/usr/lib/x86_64-linux-gnu:${root}/lib/x86_64-linux-gnu`,
    `exec ${root}/usr/sbin/sshd "$@"`,
  ]
  const command = `exec unshare --mount --propagation private sh -ec '${script.join('\n')}' sshd "$@"`
  writeFileSync(program, `#!/bin/sh\n${command}\n`, { mode: 0o755 })
  return program
}

/** The same, found by this process as one that is installed, until it is disposed of. */
export function sshdOnPath(folder: string): Disposable {
  sshdProgram(folder)
  const { PATH } = process.env
  process.env.PATH = `${folder}${delimiter}${PATH}`
  return {
    [Symbol.dispose]() {
      process.env.PATH = PATH
    },
  }
}

/** Starts it in a folder that is its own. */
export async function startSshd(folder: string, { config = [], keys = [] }: SshdOptions = {}): Promise<Sshd> {
  const [port = 0] = await freePorts(1)
  const path = (name: string) => join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path('host')])
  writeFileSync(path('keys'), `${keys.join('\n')}\n`, { mode: 0o600 })
  const lines = [
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('keys')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PidFile none',
    'MaxStartups 1000',
    'MaxSessions 50',
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
  ]
  writeFileSync(path('sshd_config'), `${lines.join('\n')}\n`)
  const child = spawn(sshdProgram(folder), ['-D', '-f', path('sshd_config'), '-E', path('log')], { stdio: 'inherit' })
  const log = () => (existsSync(path('log')) ? readFileSync(path('log'), 'utf8') : '')
  await answers(child, port, log)
  const die = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    killEach([...descendants(child.pid ?? 0), child.pid ?? 0])
    await ended
  }
  return {
    port,
    pid: child.pid ?? 0,
    hostKey: readFileSync(path('host.pub'), 'utf8').split(' ').slice(0, 2).join(' '),
    log,
    die,
    [Symbol.asyncDispose]: async () => {
      await die()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const descendants = (pid: number): number[] => childrenOf(pid).flatMap(child => [...descendants(child), child])

async function answers(child: ChildProcess, port: number, log: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${log()}`)
    const socket = createConnection(port, '127.0.0.1')
    const isThere = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isThere) return
    await sleep(50)
  }
  throw new Error(`sshd does not answer: ${log()}`)
}
