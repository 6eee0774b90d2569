// Running a command line in the sandbox.

import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { resolveInside } from '@spoq/kit/files'
import { killGroup, type Sandbox } from '@spoq/kit/sandbox'
import * as z from 'zod/mini'
import { boundedOutput } from './output.ts'
import { tidyPath } from './path.ts'
import { type Tool, tool } from './tool.ts'

const defaultSeconds = 120
const mostSeconds = 600

const input = z.object({
  command: z
    .string()
    .check(z.minLength(1), z.maxLength(32_768), z.describe('A command line for sh, run in the workspace')),
  folder: z.optional(
    z.string().check(z.maxLength(4096), z.describe('Below the workspace, to run in; default: the workspace itself')),
  ),
  timeoutSeconds: z.optional(
    z.number().check(z.minimum(1), z.maximum(mostSeconds), z.describe(`Default ${defaultSeconds}`)),
  ),
})

export const runTool = (workspace: string, sandbox: Sandbox): Tool =>
  tool({
    name: 'run',
    description: `Runs a command line with sh in the workspace and answers what it prints, standard output and errors together, and its exit status. Input is empty: nothing can be typed. Of long output the beginning and the end are shown. After ${defaultSeconds} seconds, or those you give, it is stopped; what it leaves running in the background ends with it.`,
    input,
    title: ({ command, folder = '' }) => `run${folder === '' ? '' : ` in ${folder}`}: ${command}`,
    subject: ({ command }) => command,
    kind: 'command',
    does: 'run',
    folder: ({ folder = '' }) => tidyPath(folder),
    run: async ({ command, folder = '', timeoutSeconds = defaultSeconds }, { signal }) => {
      signal.throwIfAborted()
      const time = AbortSignal.timeout(timeoutSeconds * 1000)
      const child = sandbox.spawn(['sh', '-c', inOneStream, 'sh', command], {
        workspace,
        cwd: join(workspace, await resolveInside(workspace, folder)),
        env: {},
        signal: AbortSignal.any([signal, time]),
      })
      const { output, ended } = await outcome(child)
      signal.throwIfAborted()
      return `${output}[${time.aborted ? `stopped after ${timeoutSeconds} seconds` : ended}]`
    },
  })

/** Output and errors through one pipe: in the order that they were written. */
const inOneStream = 'exec 2>&1; exec sh -c "$1"'

/** All that it printed, and how it ended. */
function outcome(child: ChildProcess): Promise<{ output: string; ended: string }> {
  const output = boundedOutput()
  child.stdout?.on('data', output.add)
  // What the sandbox itself has to say, when it cannot start.
  child.stderr?.on('data', output.add)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // What it left in the background holds the pipes open: without an end to that there is no `close`.
    child.once('exit', () => killGroup(child, 'SIGKILL'))
    child.once('close', (status, signal) => {
      const text = output.text()
      const ended = signal === null ? `exit status ${status}` : `ended by ${signal}`
      resolve({ output: text === '' || text.endsWith('\n') ? text : `${text}\n`, ended })
    })
  })
}
