// A whole Spoq in a temporary folder, as a person has it after `npm start`: backend, account, login and machine, all of
// them real processes started by the real command line.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../../../..')
export const bin = join(root, 'bin/run.js')

export interface Ran {
  status: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  input?: string
  directory?: string
  environment?: Record<string, string>
  /** The words before it, as those that enter another network. */
  within?: readonly string[]
}

export interface Home {
  server: string
  machine: { id: string; name: string; endpoint: string }
  dataDir: string
  environment: Record<string, string>
  /** Runs the command line to its end, with no terminal. */
  spoq(args: string[], options?: RunOptions): Promise<Ran>
  /** The same with `--json`, and what it said. @throws Error when it fails. */
  json(...args: string[]): Promise<ReturnType<typeof JSON.parse>>
  /** Starts it and gives the process. */
  start(args: string[], options?: RunOptions): ChildProcess
  /** Terminates the machine, stops the backend, removes the folder. */
  close(): Promise<void>
}

/** Starts `spoq up` in a folder of its own and waits for its ready line. */
export async function startHome(
  options: { port?: number; args?: string[]; environment?: Record<string, string> } = {},
): Promise<Home> {
  const dataDir = options.environment?.SPOQ_DATA_DIR ?? mkdtempSync(join(tmpdir(), 'spoq-home-'))
  const environment = { ...cleanEnvironment(), SPOQ_DATA_DIR: dataDir, ...options.environment }
  const up = launch(['up', '--yes', '--json', '--port', String(options.port ?? 0), ...(options.args ?? [])], {
    environment,
  })
  const ready = JSON.parse(await firstLine(up)) as Pick<Home, 'server' | 'machine'>
  const spoq = (args: string[], more: RunOptions = {}) =>
    finish(launch(args, { ...more, environment: { ...environment, ...more.environment } }), more.input)
  return {
    ...ready,
    dataDir,
    environment,
    spoq,
    async json(...args) {
      const ran = await spoq([...args, '--json'])
      if (ran.status !== 0) throw new Error(`${args.join(' ')}: ${ran.stderr || ran.stdout}`)
      return JSON.parse(ran.stdout)
    },
    start: (args, more = {}) => launch(args, { ...more, environment: { ...environment, ...more.environment } }),
    close: async () => {
      await spoq(['machine', 'terminate', ready.machine.id, '--now', '--yes'])
      up.kill('SIGTERM')
      if (up.exitCode === null && up.signalCode === null) await once(up, 'exit')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Runs the command line with nothing of this process's settings, to its end. */
export async function runSpoq(args: string[], options: RunOptions = {}): Promise<Ran> {
  return finish(
    launch(args, { ...options, environment: { ...cleanEnvironment(), ...options.environment } }),
    options.input,
  )
}

function launch(args: string[], { directory, environment, within = [] }: RunOptions): ChildProcess {
  const [program = '', ...words] = [...within, process.execPath, bin, ...args]
  return spawn(program, words, { cwd: directory ?? root, env: environment, stdio: 'pipe' })
}

async function finish(child: ChildProcess, input?: string): Promise<Ran> {
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  child.stdin?.on('error', () => {}).end(input)
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { status: status ?? (signal ? 128 : -1), stdout: stdout(), stderr: stderr() }
}

function collect(stream: ChildProcess['stdout']): () => string {
  const chunks: Buffer[] = []
  stream?.on('data', chunk => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

async function firstLine(child: ChildProcess): Promise<string> {
  const stderr = collect(child.stderr)
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    if (!text.includes('\n')) continue
    child.stdout?.resume()
    return text.slice(0, text.indexOf('\n'))
  }
  throw new Error(`spoq up ended before it was ready:\n${stderr()}`)
}

/** What a fresh shell has: no setting of Spoq, no terminal features, no CI; and no way to this person's keychain. */
export function cleanEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'USER']
  const fresh = kept.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(fresh), SPOQ_KEYCHAIN: 'off' }
}
