// A person with OpenSSH's own client, a gateway, and a machine with OpenSSH's own sshd; all on loopback.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyPairOf, type SshKey } from '@spoq/kit/ssh-key'
import type { Policy, SshLibrary, TransportLimits } from '@spoq/kit/ssh-relay'
import { authority, type Relaying, startRelaying } from './relaying.ts'
import { type Sshd, startSshd } from './sshd.ts'

export interface Ran {
  /** Of its end; null when a signal ended it. */
  status: number | null
  out: string
  err: string
}

export interface Bed extends AsyncDisposable {
  /** For what a test keeps; `files` in it is the person's own. */
  folder: string
  sshd: Sshd
  gateway: Relaying
  /** The gateway, and the machine by itself, are the hosts `gateway` and `direct` of this. */
  config: string
  person: SshKey
  /** Runs a program of this computer as the person. */
  run: (program: string, args: readonly string[], input?: Buffer | string) => Promise<Ran>
  /** Another gateway before the same machine, as the host of this name. */
  open: (host: string, options: Opened) => Promise<Relaying>
}

interface Opened {
  policy?: Partial<Policy>
  limits?: Partial<TransportLimits>
  library?: SshLibrary
}

interface BedOptions {
  library?: SshLibrary
  /** A folder with the client's programs, before those of this computer. */
  client?: string
  sshdConfig?: readonly string[]
}

export async function startBed({ library, client, sshdConfig = [] }: BedOptions = {}): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-'))
  const path = (name: string) => join(folder, name)
  mkdirSync(path('files'))
  mkdirSync(path('sshd'))
  const [ca, person] = [authority(), keyPairOf(randomBytes(32), 'person')]
  writeFileSync(path('ca.pub'), `${ca.line}\n`)
  writeFileSync(path('principals'), 'mach_test\n')
  writeFileSync(path('id'), person.private, { mode: 0o600 })
  writeFileSync(path('id.pub'), `${person.public}\n`)
  const config = [
    ...sshdConfig,
    `TrustedUserCAKeys ${path('ca.pub')}`,
    `AuthorizedPrincipalsFile ${path('principals')}`,
  ]
  const sshd = await startSshd(path('sshd'), { keys: [person.public], config })
  const gateways: Relaying[] = []
  const hosts = [['direct', sshd.port, sshd.hostKey]] as [string, number, string][]
  const tell = () => {
    const shared = [
      ...['Hostname 127.0.0.1', 'User root', `IdentityFile ${path('id')}`, 'IdentitiesOnly yes', 'IdentityAgent none'],
      ...[`UserKnownHostsFile ${path('known')}`, 'StrictHostKeyChecking yes', 'BatchMode yes', 'LogLevel INFO'],
    ]
    writeFileSync(path('known'), hosts.map(([, port, key]) => `[127.0.0.1]:${port} ${key}\n`).join(''))
    writeFileSync(
      path('config'),
      [...hosts.flatMap(([name, port]) => [`Host ${name}`, `Port ${port}`]), 'Host *', ...shared, ''].join('\n'),
    )
  }
  const open: Bed['open'] = async (host, options) => {
    const made = await startRelaying({
      sshd,
      authority: ca,
      person,
      user: 'root',
      ...(library ? { library } : {}),
      ...options,
    })
    gateways.push(made)
    hosts.push([host, made.port, made.hostKey])
    tell()
    return made
  }
  const gateway = await open('gateway', {})
  return {
    ...{ folder, sshd, gateway, config: path('config'), person, open },
    run: (program, args, input) => runAs(program, args, { client, cwd: path('files'), input }),
    [Symbol.asyncDispose]: async () => {
      for (const each of gateways) await each[Symbol.asyncDispose]()
      await sshd[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Running {
  client: string | undefined
  cwd: string
  input: Buffer | string | undefined
  /** Before the command, to run it somewhere else. */
  within?: readonly string[]
}

/** Runs a program whose home is that folder. */
export async function runAs(
  program: string,
  args: readonly string[],
  { client, cwd, input, within = [] }: Running,
): Promise<Ran> {
  const PATH = client ? `${client}:${process.env.PATH}` : process.env.PATH
  const env = { PATH, HOME: cwd, LANG: 'C.UTF-8', TERM: 'xterm' }
  const [first = '', ...words] = [...within, program, ...args]
  const child = spawn(first, words, { cwd, env, stdio: 'pipe' })
  const read = async (stream: NodeJS.ReadableStream) => {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString('latin1')
  }
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  const [out, err] = await Promise.all([read(child.stdout), read(child.stderr)])
  return { status: await ended, out, err }
}
