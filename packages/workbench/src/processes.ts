// What engines leave running when they are killed: what they had started belongs to nobody then.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Those that a process started, by their numbers. */
export function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`
  return listed(tasks).flatMap(task => words(readText(join(tasks, task, 'children'))).map(Number))
}

/** Those that were started with this in their command lines. */
export function namedBy(text: string): number[] {
  const all = listed('/proc').filter(name => /^\d+$/.test(name))
  return all.filter(pid => readText(`/proc/${pid}/cmdline`).includes(text)).map(Number)
}

/** Ends them at once; those that are over are. */
export function killEach(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
}

const words = (text: string) => text.split(' ').filter(Boolean)

/** A process may end while it is looked at. */
const listed = (path: string) => orElse([], () => readdirSync(path))
const readText = (path: string) => orElse('', () => readFileSync(path, 'utf8'))

function orElse<T>(none: T, read: () => T): T {
  try {
    return read()
  } catch {
    return none
  }
}
