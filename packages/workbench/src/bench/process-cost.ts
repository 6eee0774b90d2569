// The CPU time of whole processes, compared in turn: A B A B …, so that a computer that slows down slows both.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { median } from './figure.ts'

export interface Program {
  command: string[]
  environment?: Record<string, string>
}

/**
 * The median over pairs of (CPU of `program`) / (CPU of `floor`), user and system time together.
 * @param pairs how many pairs are counted, after one of each that is not
 */
export async function cpuRatio(program: Program, floor: Program, pairs = 15): Promise<number> {
  await cpuSeconds(program)
  await cpuSeconds(floor)
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair++) ratios.push((await cpuSeconds(program)) / (await cpuSeconds(floor)))
  return median(ratios)
}

async function cpuSeconds({ command, environment }: Program): Promise<number> {
  const quiet = ['bash', '-c', '"$@" >/dev/null 2>&1 </dev/null', 'bash', ...command]
  return (await ranWith(quiet, { ...process.env, ...environment })).cpu
}

export interface Cost {
  status: number | null
  /** Of the process and all that it waited for, user and system time together, in seconds. */
  cpu: number
  seconds: number
  stderr: string
}

/** Runs a command to its end. bash's `times` prints what its children used, to the millisecond; Node tells that of itself only. */
export async function ranWith(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Cost> {
  const began = performance.now()
  const script = '"$@" 3>&- >/dev/null; status=$?; times >&3; exit $status'
  const child = spawn('bash', ['-c', script, 'bash', ...command], { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const said = { stderr: '', times: '' }
  child.stdio[2]?.on('data', text => (said.stderr += text))
  child.stdio[3]?.on('data', text => (said.times += text))
  const [status] = (await once(child, 'close')) as [number | null]
  const seconds = (performance.now() - began) / 1_000
  const children = said.times.trim().split('\n').at(-1) ?? ''
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  )
  return { status, cpu: times.reduce((sum, time) => sum + time, 0), seconds, stderr: said.stderr }
}

/** What a process that runs has used so far, with `waited` also those that it waited for; in seconds. */
export function usedBy(pid: number, waited = false): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number)
  // utime, stime, cutime, cstime, in ticks, of which the system tells a hundred a second.
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15)
  return (user + system + (waited ? childUser + childSystem : 0)) / 100
}
