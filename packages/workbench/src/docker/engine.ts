// A Docker Engine of a test's own, in a network namespace, so that no rule of it touches this computer.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Started {
  child: ChildProcess
  /** What it printed so far, for when it fails. */
  said: () => string
  end: (signal?: NodeJS.Signals) => Promise<void>
}

/** Starts a program whose output is kept in a file. */
export function start(words: readonly string[], log: string, env: NodeJS.ProcessEnv = process.env): Started {
  const [program = '', ...rest] = words
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const file = createWriteStream(log)
  child.stdout?.pipe(file)
  child.stderr?.pipe(file)
  const exit = once(child, 'exit')
  return {
    child,
    said: () => readFileSync(log, 'utf8').slice(-4000),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await exit
    },
  }
}

/** Waits for something that a program brings about; its end, or a minute, is a failure that says what it printed. */
export async function until(there: () => boolean, { child, said }: Started, what: string): Promise<void> {
  for (let tries = 0; !there(); tries++) {
    if (tries > 600 || child.exitCode !== null || child.signalCode !== null) throw new Error(`no ${what}:\n${said()}`)
    await sleep(100)
  }
}

/** Starts one that keeps everything in `place`: its socket is `engine.sock` there. A second time, it goes on with what is there. */
export async function startEngine(place: string, enter: readonly string[]): Promise<Started> {
  mkdirSync(place, { recursive: true })
  const socket = join(place, 'engine.sock')
  for (const left of [socket, join(place, 'pid')]) rmSync(left, { force: true })
  const folders = ['--data-root', join(place, 'data'), '--exec-root', join(place, 'exec')]
  const own = ['--pidfile', join(place, 'pid'), '--host', `unix://${socket}`]
  const engine = start([...enter, 'unshare', '--uts', 'dockerd', ...folders, ...own], join(place, 'log'))
  await until(() => existsSync(socket), engine, 'Docker Engine')
  return engine
}
