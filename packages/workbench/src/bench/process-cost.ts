// The CPU time of whole processes, compared in turn: A B A B …, so that a computer that slows down slows both.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

/** bash's `times` prints what its children used, to the millisecond; Node tells that of itself only. */
async function cpuSeconds({ command, environment }: Program): Promise<number> {
  const child = spawn('bash', ['-c', '"$@" >/dev/null 2>&1 </dev/null; times', 'bash', ...command], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', chunk => {
    printed += chunk
  })
  await once(child, 'close')
  const children = printed.trim().split('\n').at(-1) ?? ''
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  )
  return times.reduce((sum, time) => sum + time, 0)
}
