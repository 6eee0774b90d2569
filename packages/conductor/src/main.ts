// The Conductor as a process: `node main.ts --folder FOLDER`. It says on stderr what it does, a line of JSON each.
// `--runner IN,OUT` names two open pipes to a runner of commands (setup/init.sh); with it the Conductor ends as well.

import { Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { SpoqError } from '@spoq/contracts/problem'
import { FolderBusy } from '@spoq/kit/folder-lock'
import { type Runner, runnerAt } from '@spoq/kit/sandbox'
import { type Conductor, type Ended, startConductor } from './conductor.ts'
import { stderrLogger } from './http/logger.ts'

const usage = 'Usage: main.js --folder FOLDER (the folder of one machine, with its conductor.json)'

async function main(): Promise<void> {
  const { folder, runner } = given(process.argv.slice(2))
  try {
    await serve(folder, runner)
  } finally {
    runner?.close()
  }
}

async function serve(folder: string, runner: Runner | undefined): Promise<void> {
  const logger = stderrLogger(Date.now)
  let ended = false
  let starting: Promise<Conductor>
  const stop = () => {
    ended = true
    return starting.then(conductor => conductor.stop()).catch(() => {})
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
  let lost: Error | undefined
  void runner?.ended.then(error => {
    lost = error
    return stop()
  })
  // Anew in the same process: whoever watches over it sees none that failed.
  for (let how: Ended = 'restart'; how === 'restart' && !ended; ) {
    starting = startConductor({ folder, logger, runner })
    const { endpoint, socket, stopped } = await starting
    logger({ level: 'info', message: 'ready', endpoint, socket, pid: process.pid })
    how = await stopped
  }
  if (lost)
    throw new SpoqError('internal', { message: `${lost.message}.`, next: 'Start both again, with setup/init.sh.' })
  logger({ level: 'info', message: 'stopped' })
}

function given(args: string[]): { folder: string; runner?: Runner } {
  try {
    const options = { folder: { type: 'string' }, runner: { type: 'string' } } as const
    const { folder, runner } = parseArgs({ args, options }).values
    if (folder) return { folder, ...(runner && { runner: runnerOf(runner) }) }
  } catch (cause) {
    throw new SpoqError('usage', { message: (cause as Error).message, next: usage, cause })
  }
  throw new SpoqError('usage', { message: '--folder is missing.', next: usage })
}

function runnerOf(text: string): Runner {
  const [from, to] = text.split(',').map(Number)
  if (!Number.isInteger(from) || !Number.isInteger(to)) throw new Error('--runner takes two numbers of open pipes')
  return runnerAt({
    from: new Socket({ fd: from as number, readable: true, writable: false }),
    to: new Socket({ fd: to as number, readable: false, writable: true }),
  })
}

/** One line of what happened and one of what to do; a fault of ours shows its stack only when asked. */
function explain(thrown: unknown): void {
  const error = thrown instanceof FolderBusy ? new SpoqError('data_dir_in_use', { message: thrown.message }) : thrown
  const known = error instanceof SpoqError ? error : new SpoqError('internal', { cause: error })
  process.stderr.write(`${known.message}\n${known.next}\n`)
  if (process.env.DEBUG) console.error(error)
  process.exitCode = known.exit
}

void main().catch(explain)
