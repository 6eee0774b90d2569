// What the SSH gateway costs, against the machine's own sshd: OpenSSH's client, and the relay as a process of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { keyPairOf } from '@spoq/kit/ssh-key'
import { authority } from '../../ssh/relaying.ts'
import { startSshd, whyNoSshd } from '../../ssh/sshd.ts'
import { type Figure, median } from '../figure.ts'

interface Stage {
  /** Runs a command there to its end; answers how long it took, in ms. */
  ssh: (host: 'gateway' | 'direct', command: string) => Promise<number>
  /** Begins a session that rests. */
  rest: () => Promise<ChildProcess>
  /** What the gateway used until now. */
  used: () => Promise<{ cpuMs: number; bytes: number }>
}

const figure = (
  id: string,
  goal: Figure['goal'],
  about: string,
  measured: (stage: Stage) => Promise<number>,
): Figure => ({
  ...{ id, goal, about, skipped: whyNoSshd },
  measure: async () => {
    await using undo = new AsyncDisposableStack()
    return await measured(await startStage(undo))
  },
})

/** One after the other, so that a computer that slows down slows both; the first is not counted. */
async function compared(
  { ssh }: Stage,
  rounds: number,
  command: string,
): Promise<{ direct: number; gateway: number }[]> {
  const took: { direct: number; gateway: number }[] = []
  for (let round = 0; round <= rounds; round++)
    took.push({ direct: await ssh('direct', command), gateway: await ssh('gateway', command) })
  return took.slice(1)
}

const logins = 60
const sessions = 100

export const ssh: Figure[] = [
  figure(
    'ssh-throughput',
    { least: 0.9 },
    'bytes a second, 1 GiB from the machine: through the gateway / from its sshd',
    async stage =>
      median((await compared(stage, 7, 'head -c 1073741824 /dev/zero')).map(({ direct, gateway }) => direct / gateway)),
  ),
  figure('ssh-login', { most: 1.15 }, 'time to sign in and run true: through the gateway / at its sshd', async stage =>
    median((await compared(stage, 31, 'true')).map(({ direct, gateway }) => gateway / direct)),
  ),
  figure('ssh-login-cpu', { most: 2 }, "the gateway's CPU time for one sign-in, in ms", async stage => {
    for (let login = 0; login < 20; login++) await stage.ssh('gateway', 'true')
    const before = await stage.used()
    for (let login = 0; login < logins; login++) await stage.ssh('gateway', 'true')
    return ((await stage.used()).cpuMs - before.cpuMs) / logins
  }),
  figure('ssh-idle', { most: 0.1 }, "the gateway's memory for a session that rests, in MB", async stage => {
    for (let login = 0; login < 20; login++) await stage.ssh('gateway', 'true')
    const before = await stage.used()
    const all: ChildProcess[] = []
    for (let session = 0; session < sessions; session++) all.push(await stage.rest())
    await sleep(1_000)
    const after = await stage.used()
    for (const child of all) child.kill()
    return (after.bytes - before.bytes) / sessions / 1e6
  }),
]

async function startStage(undo: AsyncDisposableStack): Promise<Stage> {
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
  const script = join(import.meta.dirname, 'ssh-gateway.ts')
  const gateway = spawn(process.execPath, ['--expose-gc', script, given], { stdio: ['pipe', 'pipe', 'inherit'] })
  undo.defer(() => void gateway.kill())
  const lines = createInterface({ input: gateway.stdout })
  const line = async () => String((await once(lines, 'line'))[0])
  const [port, ...hostKey] = (await line()).split(' ')
  const ports = { gateway: port, direct: sshd.port }
  writeFileSync(path('known'), `[127.0.0.1]:${port} ${hostKey.join(' ')}\n[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`)
  // The same exchange and cipher both ways: sshd's own first choices cost it more.
  const same = ['-o', 'KexAlgorithms=curve25519-sha256', '-c', 'aes128-gcm@openssh.com']
  const sure = ['-o', `UserKnownHostsFile=${path('known')}`, '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none']
  const start = (host: keyof typeof ports, ...words: string[]) => {
    const args = ['-F', 'none', '-p', String(ports[host]), '-i', path('id'), ...same, ...sure, ...words]
    return spawn('ssh', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  let resting = 0
  return {
    async ssh(host, command) {
      const begin = performance.now()
      const [status] = await once(start(host, 'root@127.0.0.1', command), 'exit')
      if (status !== 0) throw new Error(`ssh ended with ${status}`)
      return performance.now() - begin
    },
    async rest() {
      const said = join(folder, `in-${resting++}`)
      const child = start(
        'gateway',
        '-N',
        '-o',
        'PermitLocalCommand=yes',
        '-o',
        `LocalCommand=touch ${said}`,
        'root@127.0.0.1',
      )
      while (!existsSync(said)) await sleep(10)
      return child
    },
    async used() {
      gateway.stdin.write('\n')
      const [cpuMs = 0, bytes = 0] = (await line()).split(' ').map(Number)
      return { cpuMs, bytes }
    },
  }
}
