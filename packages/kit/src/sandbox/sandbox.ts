// Where an agent's commands run: in bubblewrap where that works, else as a plain child that says so.

import type { ChildProcess } from 'node:child_process'

export interface SpawnOptions {
  /** The one folder that is writable. */
  workspace: string
  /** Where the command starts; inside the workspace. */
  cwd: string
  /** Beside the few variables every command gets. */
  env: Record<string, string>
  /** Kills the command with all that it started. */
  signal: AbortSignal
}

export interface Sandbox {
  isolation: 'bubblewrap' | 'none'
  /** Why there is no isolation, and what to do about it. */
  why?: string
  /** Starts a program with piped stdout and stderr, in its own process group and with an empty input. */
  spawn(command: readonly string[], options: SpawnOptions): ChildProcess
}

/** Finds out, by running it once, whether bubblewrap works here. */
export async function probeSandbox(): Promise<Sandbox> {
  throw new Error('not written yet')
}
