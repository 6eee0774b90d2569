// J4: a script on a computer that knows nothing but a token, with no terminal at all: not as standard input, and none that it
// could open. What each command said, and how it ended.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { newComputer } from './computer.ts'
import { bin, cleanEnvironment, type Home, startHome } from './home.ts'

/** What the script runs, as words of a shell. */
export const commands = {
  run: 'spoq run -- sh -c "echo 3 passed"',
  fails: 'spoq run -- sh -c "echo 2 failed >&2; exit 2"',
  asks: 'spoq ask --json "count 3"',
  waits: 'spoq ask --json "run: touch deployed"',
  denies: 'spoq ask --json --approve deny "run: touch deployed"',
  allows: 'spoq ask --json --approve "run(touch *)" "run: touch deployed"',
  tooLate: 'spoq ask --json --approve "run(touch *)" --session "$waiting"',
  refuses: 'spoq ask --json --approve deny --session "$waiting"',
  other: 'spoq ask --json --approve "run(ls *)" "run: touch deployed"',
  ends: 'spoq machine terminate',
  chats: 'spoq chat',
} as const
export type Name = keyof typeof commands

export interface CiRan {
  status: number
  stdout: string
  stderr: string
}

export interface Ci extends AsyncDisposable {
  home: Home
  /** Runs one command there; `waiting` is what the shell knows by that name. */
  run(name: Name, waiting?: string): Promise<CiRan>
}

/** A Spoq with its machine, and the other computer. */
export async function startCi(): Promise<Ci> {
  await using undo = new AsyncDisposableStack()
  const home = await startHome()
  undo.defer(() => home.close())
  const ci = newComputer(home.server)
  undo.defer(() => ci.remove())
  await home.spoq(['model', 'use', 'demo'])
  const { secret } = await home.json('token', 'create', '--name', 'ci', '--scope', 'machine:read,machine:use')
  const programs = join(ci.dataDir, 'programs')
  mkdirSync(programs, { recursive: true })
  writeFileSync(join(programs, 'spoq'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
  chmodSync(join(programs, 'spoq'), 0o755)
  const environment = {
    ...cleanEnvironment(),
    ...ci.environment,
    SPOQ_TOKEN: String(secret),
    PATH: `${programs}:${process.env.PATH}`,
  }
  const running = undo.move()
  return {
    home,
    async run(name, waiting = '') {
      const child = spawn('setsid', ['--wait', 'sh', '-c', commands[name]], {
        cwd: ci.dataDir,
        env: { ...environment, waiting },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const [stdout, stderr, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit') as Promise<[number]>,
      ])
      return { status, stdout: stdout.replaceAll(secret, 'SECRET'), stderr: stderr.replaceAll(secret, 'SECRET') }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
