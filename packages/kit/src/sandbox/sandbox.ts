// Where an agent's commands run: in bubblewrap where that works, else as a plain child that says so. As another user they
// run where a machine was set up for that (other-user.ts).

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bubblewrapArguments } from './bubblewrap.ts'
import { cleanEnvironment } from './clean-environment.ts'
import { type Command, startCommand } from './command.ts'

export interface SpawnOptions {
  /** The one folder that is writable: its real path, no link in it. */
  workspace: string
  /** Where the command starts; inside the workspace. */
  cwd: string
  /** Beside the few variables every command gets. */
  env: Record<string, string>
  /** Kills the command with all that it started. */
  signal: AbortSignal
}

export interface Sandbox {
  isolation: 'uid' | 'bubblewrap' | 'none'
  /** `guarded`: the addresses of metadata services are kept from commands; `shared`: they reach what this process does. */
  network: 'guarded' | 'shared'
  /** Why there is no isolation, and what to do about it, in one line. */
  why?: string
  /** Starts a program with an empty input. What it leaves behind ends with it. */
  spawn(command: readonly string[], options: SpawnOptions): Command
}

/** Finds out, by running it once, whether bubblewrap works here and hides what it must. Never throws. */
export async function probeSandbox(platform: NodeJS.Platform = process.platform): Promise<Sandbox> {
  if (platform !== 'linux')
    return withoutIsolation(`there is no bubblewrap on ${platform}: commands ask before they run`)
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'spoq-probe-'))
  try {
    await tryOnce(folder)
    return { isolation: 'bubblewrap', network: 'shared', spawn: inBubblewrap }
  } catch (error) {
    return withoutIsolation(reasonOf(error))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Commands as plain children of this process, with a clean environment. */
export function withoutIsolation(why: string): Sandbox {
  return {
    isolation: 'none',
    network: 'shared',
    why,
    spawn: start,
  }
}

function inBubblewrap(command: readonly string[], options: SpawnOptions): Command {
  return start(['bwrap', ...insideView(options), ...command], options)
}

const insideView = ({ workspace, cwd }: Pick<SpawnOptions, 'workspace' | 'cwd'>) =>
  bubblewrapArguments({ workspace, cwd, node: process.execPath })

const environmentOf = ({ workspace, env }: Pick<SpawnOptions, 'workspace' | 'env'>) =>
  cleanEnvironment(process.env, workspace, env)

function start(command: readonly string[], options: SpawnOptions): Command {
  const { signal, cwd } = options
  signal.throwIfAborted()
  const { kill, ...started } = startCommand(command, { cwd, env: environmentOf(options) })
  const forget = () => signal.removeEventListener('abort', kill)
  signal.addEventListener('abort', kill, { once: true })
  started.ended.then(forget, forget)
  return started
}

/** Runs the very view that commands will get, and looks from inside for a file that must not be there. */
async function tryOnce(folder: string): Promise<void> {
  const workspace = join(folder, 'workspace')
  await mkdir(workspace)
  await writeFile(join(folder, 'hidden'), '')
  const look = ['/bin/sh', '-c', 'test ! -e ../hidden && echo hidden > seen && cat seen']
  const view = { workspace, cwd: workspace, env: {} }
  const { stdout } = await promisify(execFile)('bwrap', [...insideView(view), ...look], {
    env: environmentOf(view),
    timeout: 10_000,
  })
  if (stdout !== 'hidden\n') throw new Error('it does not hide what it should')
}

function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
  if (code === 'ENOENT') return 'bubblewrap is not installed: install the package bubblewrap'
  const said = (stderr || message).trim().split('\n')[0]
  return `bubblewrap does not work here (${said}): allow user namespaces, on Ubuntu sysctl kernel.apparmor_restrict_unprivileged_userns=0`
}
