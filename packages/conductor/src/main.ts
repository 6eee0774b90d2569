// The Conductor as a process: `node main.ts --folder FOLDER`. It says on stderr what it does, a line of JSON each.

import { parseArgs } from 'node:util'
import { SpoqError } from '@spoq/contracts/problem'
import { FolderBusy } from '@spoq/kit/folder-lock'
import { startConductor } from './conductor.ts'
import { stderrLogger } from './http/logger.ts'

const usage = 'Usage: main.js --folder FOLDER (the folder of one machine, with its conductor.json)'

async function main(): Promise<void> {
  const logger = stderrLogger(Date.now)
  const starting = startConductor({ folder: folderOf(process.argv.slice(2)), logger })
  const stop = () => void starting.then(conductor => conductor.stop()).catch(() => {})
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
  const { endpoint, socket, stopped } = await starting
  logger({ level: 'info', message: 'ready', endpoint, socket, pid: process.pid })
  await stopped
  logger({ level: 'info', message: 'stopped' })
}

function folderOf(args: string[]): string {
  try {
    const { folder } = parseArgs({ args, options: { folder: { type: 'string' } } }).values
    if (folder) return folder
  } catch (cause) {
    throw new SpoqError('usage', { message: (cause as Error).message, next: usage, cause })
  }
  throw new SpoqError('usage', { message: '--folder is missing.', next: usage })
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
