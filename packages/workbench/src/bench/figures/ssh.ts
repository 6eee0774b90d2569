// What the SSH gateway costs, against the machine's own sshd: OpenSSH's client, and the relay as a process of its own. Beside
// what it costs stands what no gateway of this Node can do without, measured in turn with it.

import { type ChildProcess, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { whyNoSshd } from '../../ssh/sshd.ts'
import { type Figure, type How, type Measure, median } from '../figure.ts'
import { type Measured, type Stage, startStage } from './ssh-stage.ts'

const figure = (
  id: string,
  goal: Figure['goal'],
  about: string,
  measured: (stage: Stage, how: How) => ReturnType<Measure>,
): Figure => ({
  ...{ id, goal, about, skipped: whyNoSshd },
  measure: async how => {
    await using undo = new AsyncDisposableStack()
    return await measured(await startStage(undo), how)
  },
})

const rounds = { throughput: 7, login: 31, cpu: 4 }
const loginsARound = 20
const sessions = 100

export const ssh: Figure[] = [
  figure(
    'ssh-throughput',
    { least: 0.9 },
    'bytes a second, 1 GiB from the machine: through the gateway / from its sshd',
    throughput,
  ),
  figure('ssh-login', { most: 1.15 }, 'time to sign in and run true: through the gateway / at its sshd', login),
  figure('ssh-login-cpu', { most: 2 }, "the gateway's CPU time for one sign-in, in ms", loginCpu),
  figure('ssh-idle', { most: 0.1 }, "the gateway's memory for a session that rests, in MB", idle),
]

/** One after the other, so that a computer that slows down slows all; the first is not counted. */
async function throughput(stage: Stage, { small }: How): ReturnType<Measure> {
  const seen: { gateway: number; proxy: number; gatewayCpu: number; proxyCpu: number }[] = []
  for (let round = 0; round <= (small ? 3 : rounds.throughput); round++) {
    const direct = await stage.ssh('direct', gibibyte)
    const [gateway, gatewayCpu] = await costing(stage, 'gateway', () => stage.ssh('gateway', gibibyte))
    const [proxy, proxyCpu] = await costing(stage, 'proxy', () => stage.ssh('proxy', gibibyte))
    seen.push({ gateway: direct / gateway, proxy: direct / proxy, gatewayCpu, proxyCpu })
  }
  const middle = (of: keyof (typeof seen)[number]) => median(seen.slice(1).map(one => one[of]))
  const seconds = (ms: number) => (ms / 1_000).toFixed(2)
  const proxy = `a bare TCP proxy in its place: ${middle('proxy').toFixed(2)} with ${seconds(middle('proxyCpu'))} s`
  const script = join(import.meta.dirname, 'ssh-cipher.ts')
  const aes = Number(execFileSync(process.execPath, [script], { encoding: 'utf8' }))
  const own = `the gateway's CPU ${seconds(middle('gatewayCpu'))} s a GiB`
  return {
    ratio: middle('gateway'),
    beside: `${own}; ${proxy}; this Node's AES-GCM alone, out of one leg and into the other: ${seconds(aes)} s`,
  }
}

async function login(stage: Stage): Promise<number> {
  const ratios: number[] = []
  for (let round = 0; round <= rounds.login; round++) {
    const direct = await stage.ssh('direct', 'true')
    ratios.push((await stage.ssh('gateway', 'true')) / direct)
  }
  return median(ratios.slice(1))
}

/** The first half is not counted: that is compiled when it was run often. */
async function loginCpu(stage: Stage, { small }: How): ReturnType<Measure> {
  const counted = small ? 1 : rounds.cpu
  const seen: Record<Measured, number>[] = []
  const each = async (what: Measured, once: () => Promise<unknown>) => {
    const [, cpu] = await costing(stage, what, async () => {
      for (let login = 0; login < loginsARound; login++) await once()
    })
    return cpu / loginsARound
  }
  for (let round = 0; round < 2 * counted; round++)
    seen.push({
      gateway: await each('gateway', () => stage.ssh('gateway', 'true')),
      proxy: await each('proxy', () => stage.ssh('proxy', 'true')),
      handshakes: await each('handshakes', stage.handshakes),
    })
  const middle = (what: Measured) => median(seen.slice(counted).map(one => one[what]))
  const [proxy, handshakes] = [middle('proxy').toFixed(1), middle('handshakes').toFixed(1)]
  return {
    ratio: middle('gateway'),
    beside: `a bare TCP proxy in its place: ${proxy} ms; ssh2's two exchanges of keys alone: ${handshakes} ms`,
  }
}

async function idle(stage: Stage): Promise<number> {
  for (let login = 0; login < loginsARound; login++) await stage.ssh('gateway', 'true')
  const before = await stage.memory()
  const all: ChildProcess[] = []
  for (let session = 0; session < sessions; session++) all.push(await stage.rest())
  await sleep(1_000)
  const after = await stage.memory()
  for (const child of all) child.kill()
  return (after - before) / sessions / 1e6
}

const gibibyte = 'head -c 1073741824 /dev/zero'

/** What it answers, and the CPU time in ms that it cost. */
async function costing<T>({ cpu }: Stage, what: Measured, work: () => Promise<T>): Promise<[T, number]> {
  const before = await cpu(what)
  const answer = await work()
  return [answer, (await cpu(what)) - before]
}
