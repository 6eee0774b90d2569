// A Docker Engine of a test's own, in a network namespace, so that no rule of it touches this computer.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
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
  // No pipe: it goes on writing while a test waits for a command, and when its parent was killed.
  const file = openSync(log, 'w')
  const child = spawn(program, rest, { stdio: ['ignore', file, file], env })
  closeSync(file)
  const exit = once(child, 'exit')
  return {
    child,
    said: () => (existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : ''),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await exit
    },
  }
}

/** Waits for something that a program brings about; its end, or a minute, is a failure that says what it printed. */
export async function until(
  there: () => boolean | Promise<boolean>,
  { child, said }: Started,
  what: string,
): Promise<void> {
  for (let tries = 0; !(await there()); tries++) {
    if (tries > 600 || child.exitCode !== null || child.signalCode !== null) throw new Error(`no ${what}:\n${said()}`)
    await sleep(100)
  }
}

/** Starts one that keeps everything in `place`: its socket is `engine.sock` there. A second time, it goes on with what is there. */
export async function startEngine(place: string, enter: readonly string[]): Promise<Started> {
  mkdirSync(place, { recursive: true })
  const socket = join(place, 'engine.sock')
  // The containerd of one that was killed dies with it, but stays in the table of processes where nobody buries it.
  for (const left of [socket, join(place, 'pid'), join(place, 'exec/containerd/containerd.pid')])
    rmSync(left, { force: true })
  const folders = ['--data-root', join(place, 'data'), '--exec-root', join(place, 'exec')]
  const own = ['--pidfile', join(place, 'pid'), '--host', `unix://${socket}`]
  const engine = start([...enter, 'unshare', '--uts', 'dockerd', ...folders, ...own], join(place, 'log'))
  await until(() => isUp(socket), engine, 'Docker Engine')
  return engine
}

/** The socket is there before anybody answers on it. */
function isUp(socketPath: string): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request({ socketPath, path: '/_ping', timeout: 1_000 }, answer => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy(new Error('silence')))
    asked.on('error', () => resolve(false)).end()
  })
}

/**
 * Starts one again that was killed. Docker 20.10 that was killed while it made a network panics at each start until its
 * record of networks is taken away, as an operator then has to.
 */
export async function restartEngine(place: string, enter: readonly string[]): Promise<Started> {
  try {
    return await startEngine(place, enter)
  } catch (error) {
    if (!String(error).includes('reservePools')) throw error
    rmSync(join(place, 'data/network/files/local-kv.db'))
    return startEngine(place, enter)
  }
}

/** Takes away what an Engine leaves mounted. */
export function unmount(folder: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '')
    .filter(mount => mount.startsWith(`${folder}/`))
  for (const mount of mounts.reverse()) execFileSync('umount', ['--lazy', mount])
}
