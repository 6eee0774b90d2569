// The scripts in the real shells, on a terminal, with the Tab key.

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { call } from '@spoq/client/call'
import { ask } from '@spoq/contracts/session'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin } from '../testing.ts'

interface Shell {
  name: string
  start: string
  install: string
}

const shells: Shell[] = [
  { name: 'bash', start: 'bash --norc --noprofile -i', install: 'source <(spoq completion bash)' },
  {
    name: 'zsh',
    start: 'zsh -f -i',
    install: 'autoload -Uz compinit; compinit -u -D; source <(spoq completion zsh)',
  },
  { name: 'fish', start: 'fish --no-config -i', install: 'spoq completion fish | source' },
]

let machine: TestMachine
let home: string
let session: string

beforeAll(async () => {
  machine = await startMachine()
  session = (await call(machine.target, ask, { body: { question: 'count 1', model: 'demo' } })).session
  home = mkdtempSync(join(tmpdir(), 'spoq-shell-'))
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'a-file-here.txt'), '')
  const program = join(home, 'bin/spoq')
  const real = `'${process.execPath}' '${bin}'`
  writeFileSync(
    program,
    `#!/bin/sh\ncase "$1" in complet*) exec ${real} "$@";; esac\nprintf RAN; printf ' <%s>' "$@"; echo ' END'\n`,
  )
  chmodSync(program, 0o755)
})
afterAll(async () => {
  rmSync(home, { recursive: true, force: true })
  await machine.stop()
})

for (const shell of shells) {
  const missing = [shell.name, 'script'].find(program => spawnSync(program, ['--version']).error)
  if (missing) console.log(`skipped: ${missing} is not installed, so completion in ${shell.name} is not tried`)
  const inShell = test.skipIf(missing !== undefined && !process.env.CI)

  inShell(`${shell.name} completes commands, flags, values, ids and files`, async () => {
    const ran = await typing(shell, [
      'spoq mach\tli\t',
      'spoq ask --approv\tdeny',
      'spoq provision --provider het\t',
      `spoq ask --session ${session.slice(0, 9)}\t`,
      'spoq ask -f a-fi\t',
      'spoq provision --provider=het\t',
    ])
    expect(ran).toEqual([
      ['machine', 'list'],
      ['ask', '--approve', 'deny'],
      ['provision', '--provider', 'hetzner'],
      ['ask', '--session', session],
      ['ask', '-f', 'a-file-here.txt'],
      ['provision', '--provider=hetzner'],
    ])
  })
}

/** What `spoq` was run with for each line that was typed. */
async function typing({ start, install }: Shell, lines: string[]): Promise<string[][]> {
  const child = spawn('script', ['-qec', `stty cols 200; ${start}`, '/dev/null'], {
    cwd: home,
    env: {
      PATH: `${join(home, 'bin')}:${process.env.PATH}`,
      HOME: home,
      TERM: 'dumb',
      SPOQ_MARKER: machine.marker,
      SPOQ_DATA_DIR: join(home, 'data'),
    },
    stdio: 'pipe',
  })
  let seen = ''
  child.stdout.on('data', piece => (seen += piece))
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      if (child.exitCode !== null) throw new Error(`the shell ended:\n${seen}`)
      await sleep(10)
    }
  }
  const ran = () => [...stripVTControlCharacters(seen).matchAll(/RAN( <.*>) END/g)].map(([, words = '']) => words)
  try {
    child.stdin.write(`${install}; echo READ''Y\n`)
    await until(() => /READY\r?\n/.test(seen))
    for (const [index, line] of lines.entries()) {
      child.stdin.write(`${line}\n`)
      await until(() => ran().length > index)
    }
    return ran().map(words => [...words.matchAll(/<(.*?)>/g)].map(([, word]) => String(word)))
  } finally {
    child.stdin.end('exit\n')
    child.kill('SIGKILL')
  }
}
