// The backend as a process: `node main.ts [--json]`. Its configuration is the environment (`config.ts`); on stdout it says
// one line when it is ready, on stderr a line of JSON an event. `node main.ts rotate-keys [--forget-old]` is the operator's:
// it seals all secrets under a new key and ends.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SpoqError } from '@spoq/contracts/problem'
import { FolderBusy, lockFolder } from '@spoq/kit/folder-lock'
import { startBackend } from './backend.ts'
import { type Config, readConfig } from './config.ts'
import { hasDatabase, makeDatabase } from './db/embedded.ts'

/** What is still unfinished then is found again at the next start. */
const stopPatienceMs = 15_000
const making = '--make-database'

async function main(): Promise<void> {
  const config = readConfig(process.env)
  if (process.argv[2] === making) return makeDatabase(config.dataDir)
  const { json, rotateKeys, forgetOld } = readArgs()
  if (rotateKeys) return rotate(config, { json, forgetOld })
  const lock = lockFolder(join(config.dataDir, 'server'))
  if (config.databaseUrl === null && !hasDatabase(config.dataDir)) await makeInChild()
  const backend = await startBackend(config)
  lock.tell({ address: backend.url })
  const signalled = Promise.race(['SIGTERM', 'SIGINT'].map(name => once(process, name).then(() => name)))
  sayReady(json, backend.url, config)
  const signal = await signalled
  setTimeout(() => process.exit(0), stopPatienceMs).unref()
  await backend.stop()
  lock.release()
  process.exitCode = signal === 'SIGINT' ? 130 : 0
}

function readArgs(): { json: boolean; rotateKeys: boolean; forgetOld: boolean } {
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values, positionals } = parseArgs({ options: { json: flag, 'forget-old': flag }, allowPositionals: true })
    const { json, 'forget-old': forgetOld } = values
    const rotateKeys = positionals.join() === 'rotate-keys'
    if ((rotateKeys || positionals.length === 0) && (rotateKeys || !forgetOld)) return { json, rotateKeys, forgetOld }
    throw new TypeError('words that are none')
  } catch (cause) {
    throw new SpoqError('usage', {
      cause,
      message: 'Usage: main [--json], main rotate-keys [--forget-old] [--json]',
      next: 'All else is set by the environment.',
    })
  }
}

async function rotate(config: Config, { json, forgetOld }: { json: boolean; forgetOld: boolean }): Promise<void> {
  // The embedded database has room for one process; a PostgreSQL is rotated while its backends run.
  const lock = config.databaseUrl === null ? lockFolder(join(config.dataDir, 'server')) : null
  try {
    const { rotateKeys } = await import('./rotate-keys.ts')
    const done = await rotateKeys(config, { forgetOld })
    const { version, rewrapped, broken, forgotten } = done
    const said = [
      `All secrets are sealed under ${version}; ${rewrapped} were wrapped anew.`,
      ...(broken.length > 0 ? [`These do not open and stay as they are: ${broken.join(', ')}.`] : []),
      ...(forgotten.length > 0 ? [`Gone for good: ${forgotten.join(', ')}.`] : []),
    ]
    process.stdout.write(`${json ? JSON.stringify(done) : said.join('\n')}\n`)
  } finally {
    lock?.release()
  }
}

function sayReady(json: boolean, url: string, { dataDir }: Config): void {
  process.stdout.write(json ? `${JSON.stringify({ server: url, dataDir })}\n` : `Ready at ${url}, data in ${dataDir}\n`)
}

/** The memory that making a database takes is given back with its process. */
async function makeInChild(): Promise<void> {
  const child = spawn(process.execPath, [import.meta.filename, making], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [status] = await once(child, 'exit')
  if (status !== 0) throw new Error(`making the database ended with ${status}`)
}

/** One line of what happened and one of what to do; a fault of ours shows its stack only when asked. */
function explain(thrown: unknown): void {
  const error = thrown instanceof FolderBusy ? inUse(thrown) : thrown
  const known = error instanceof SpoqError ? error : new SpoqError('internal', { cause: error })
  const { code, message, next } = known
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code, message, next } })}\n`)
  else process.stderr.write(`${message}\n${next}\n`)
  if (process.env.DEBUG) console.error(thrown)
  process.exit(known.exit)
}

function inUse({ message, holder }: FolderBusy): SpoqError {
  if (!holder?.address) return new SpoqError('data_dir_in_use', { message: `${message}.` })
  const next = 'Use that one, stop it, or choose another folder with SPOQ_DATA_DIR.'
  return new SpoqError('data_dir_in_use', { message: `${message}, which answers at ${holder.address}.`, next })
}

void main().catch(explain)
