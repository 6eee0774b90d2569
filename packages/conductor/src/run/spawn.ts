// Starts the owner's own command: a plain child in a process group of its own, not in the agents' sandbox.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import type { Command } from '@spoq/contracts/run'
import { FileRefused, resolveInside } from '@spoq/kit/files'
import { cleanEnvironment } from '@spoq/kit/sandbox'

/** Names a run in its own environment, so that what it left behind is found by something nobody guesses. */
export const runVariable = 'SPOQ_RUN'

/**
 * Starts a command in a directory of the workspace; answers once it runs.
 * @throws SpoqError `command_not_found`; `invalid_request` for a directory or a variable that cannot be.
 */
export async function spawnRun(workspace: string, run: string, command: Command): Promise<ChildProcess> {
  const [program = '', ...rest] = command.command
  const cwd = await directoryOf(workspace, command.directory)
  const env = cleanEnvironment(process.env, workspace, { ...checked(command.environment), [runVariable]: run })
  try {
    const child = spawn(program, rest, {
      cwd,
      env,
      stdio: [command.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: true,
    })
    await once(child, 'spawn')
    // Input that it does not read, or a signal that comes too late, is nobody's fault.
    child.on('error', () => undefined)
    child.stdin?.on('error', () => undefined)
    return child
  } catch (error) {
    throw startError(error, program)
  }
}

async function directoryOf(workspace: string, directory: string): Promise<string> {
  try {
    const path = join(workspace, await resolveInside(workspace, directory))
    if ((await stat(path)).isDirectory()) return path
  } catch (error) {
    if (error instanceof FileRefused) throw invalid(`The directory does not fit: ${error.message}.`)
    throw error
  }
  throw invalid(`${directory} is not a directory of the workspace.`)
}

function checked(environment: Record<string, string>): Record<string, string> {
  for (const name of Object.keys(environment))
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw invalid('A variable of the environment has a name that cannot be.')
  return environment
}

function startError(error: unknown, program: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && noSuchProgram.includes(code))
    return new SpoqError('command_not_found', { message: `The machine has no command ${shortened(program)}.` })
  if (code === 'EACCES')
    return new SpoqError('command_not_found', {
      message: `${shortened(program)} may not be run.`,
      next: 'Make it executable.',
    })
  if (code === 'E2BIG') return new SpoqError('too_large', { message: 'The command with its environment is too long.' })
  if (code === 'ERR_INVALID_ARG_VALUE') return invalid('The command or its environment holds a zero byte, or is empty.')
  return error
}

const noSuchProgram = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']

const shortened = (name: string) => (name.length > 200 ? `${name.slice(0, 200)}…` : name)

const invalid = (message: string) => new SpoqError('invalid_request', { message })
