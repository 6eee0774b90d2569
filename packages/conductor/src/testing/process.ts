// A Conductor as a process of its own, for what only a process can suffer.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

interface As {
  uid?: number
  gid?: number
  env?: NodeJS.ProcessEnv
}

/** Starts it; answers once it serves. @throws Error with what it said, when it ended instead. */
export async function startProcess(folder: string, as: As = {}): Promise<ChildProcess> {
  const main = join(import.meta.dirname, '../main.ts')
  const child = spawn(process.execPath, [main, '--folder', folder], { stdio: ['ignore', 'ignore', 'pipe'], ...as })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    if (line.includes('"ready"')) return child
  }
  throw new Error(said.join('\n'))
}

/** Ends it as a power cut would. */
export async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
