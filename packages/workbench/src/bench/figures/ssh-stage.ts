// Where SSH is measured: OpenSSH's client and sshd, and between them the gateway, or what is the least of one, each a process.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { installed } from '@spoq/kit/ssh-relay'
import { authority } from '../../ssh/relaying.ts'
import { startSshd } from '../../ssh/sshd.ts'
import { handshake } from './ssh-handshake.ts'

/** What stands before the machine; `direct` is nothing. */
export type Host = 'gateway' | 'proxy' | 'direct'
export type Measured = 'gateway' | 'proxy' | 'handshakes'

export interface Stage {
  /** Runs a command there to its end; answers how long it took, in ms. */
  ssh: (host: Host, command: string) => Promise<number>
  /** Two bare exchanges of keys, one with each side. */
  handshakes: () => Promise<void>
  /** Begins a session at the gateway that rests. */
  rest: () => Promise<ChildProcess>
  /** What one of the processes used until now, in ms. */
  cpu: (what: Measured) => Promise<number>
  /** What the gateway holds, in bytes. */
  memory: () => Promise<number>
}

interface Process {
  port: number
  hostKey: string
  used: (what: 'cpu' | 'memory') => Promise<number>
}

export async function startStage(undo: AsyncDisposableStack): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-bench-ssh-'))
  undo.defer(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  const [ca, person] = [authority(), keyPairOf(randomBytes(32), 'person')]
  mkdirSync(path('sshd'))
  writeFileSync(path('ca'), `${ca.line}\n`)
  writeFileSync(path('principals'), 'mach_test\n')
  writeFileSync(path('id'), person.private, { mode: 0o600 })
  const config = [`TrustedUserCAKeys ${path('ca')}`, `AuthorizedPrincipalsFile ${path('principals')}`]
  const sshd = undo.use(await startSshd(path('sshd'), { keys: [person.public], config }))
  const pem = ca.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const given = JSON.stringify({ sshd: { port: sshd.port, hostKey: sshd.hostKey }, pem, person: person.public })
  const between = {
    gateway: await startProcess(undo, 'ssh-gateway.ts', given),
    proxy: await startProcess(undo, 'ssh-floor.ts', 'proxy', given),
    handshakes: await startProcess(undo, 'ssh-floor.ts', 'handshakes', given),
  }
  const hosts = { ...between, direct: sshd }
  const known = Object.values(hosts).map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey}\n`)
  writeFileSync(path('known'), known.join(''))
  // The same exchange and cipher both ways: sshd's own first choices cost it more.
  const same = ['-o', 'KexAlgorithms=curve25519-sha256', '-c', 'aes128-gcm@openssh.com']
  const sure = ['-o', `UserKnownHostsFile=${path('known')}`, '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none']
  const start = (host: Host, ...words: string[]) => {
    const args = ['-F', 'none', '-p', String(hosts[host].port), '-i', path('id'), ...same, ...sure, ...words]
    return spawn('ssh', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const library = installed()
  let resting = 0
  return {
    async ssh(host, command) {
      const begin = performance.now()
      const [status] = await once(start(host, 'root@127.0.0.1', command), 'exit')
      if (status !== 0) throw new Error(`ssh ended with ${status}`)
      return performance.now() - begin
    },
    async handshakes() {
      const socket = connect({ port: between.handshakes.port, host: '127.0.0.1', noDelay: true })
      const closed = once(socket, 'close')
      await handshake(library, socket, { knows: () => true })
      await closed
    },
    async rest() {
      const said = path(`in-${resting++}`)
      const saying = ['-o', 'PermitLocalCommand=yes', '-o', `LocalCommand=touch ${said}`]
      const child = start('gateway', '-N', ...saying, 'root@127.0.0.1')
      while (!existsSync(said)) await sleep(10)
      return child
    },
    cpu: what => between[what].used('cpu'),
    memory: () => between.gateway.used('memory'),
  }
}

async function startProcess(undo: AsyncDisposableStack, script: string, ...args: string[]): Promise<Process> {
  const file = join(import.meta.dirname, script)
  const child = spawn(process.execPath, ['--expose-gc', file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  undo.defer(() => void child.kill())
  const lines = createInterface({ input: child.stdout })
  const line = async () => String((await once(lines, 'line'))[0])
  const [port, ...hostKey] = (await line()).split(' ')
  return {
    ...{ port: Number(port), hostKey: hostKey.join(' ') },
    async used(what) {
      child.stdin.write(`${what}\n`)
      return Number(await line())
    },
  }
}
