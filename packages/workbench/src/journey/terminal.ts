// `spoq login` as a person runs it who sits in front of the computer: on a terminal, with a display.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { Computer } from './computer.ts'
import { bin, cleanEnvironment } from './home.ts'

/** Runs it to its end. `visit` gets the address that it opened a browser with. */
export async function loginOnTerminal(
  computer: Computer,
  visit: (address: string) => Promise<void>,
): Promise<{ status: number | null; shown: string }> {
  const { programs, opened } = placeXdgOpen(computer.dataDir)
  const environment = { ...cleanEnvironment(), ...computer.environment, DISPLAY: ':0', TERM: 'xterm' }
  // util-linux's `script` gives a program a terminal.
  const child = spawn('script', ['-qec', `stty cols 200; '${process.execPath}' '${bin}' login`, '/dev/null'], {
    env: { ...environment, PATH: `${programs}:${process.env.PATH}` },
    stdio: 'pipe',
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  let shown = ''
  child.stdout.on('data', piece => (shown += piece))
  try {
    while (!existsSync(opened)) {
      if (child.exitCode !== null) throw new Error(`spoq login ended and opened nothing:\n${shown}`)
      await sleep(20)
    }
    await visit(readFileSync(opened, 'utf8'))
  } catch (error) {
    child.kill()
    throw error
  }
  const [status] = await closed
  return { status, shown: stripVTControlCharacters(shown) }
}

/** A browser that only writes down where it was sent. */
function placeXdgOpen(folder: string): { programs: string; opened: string } {
  const [programs, opened] = [join(folder, 'programs'), join(folder, 'opened')]
  mkdirSync(programs)
  const program = join(programs, 'xdg-open')
  writeFileSync(program, `#!/bin/sh\nprintf %s "$1" > '${opened}.new' && mv '${opened}.new' '${opened}'\n`)
  chmodSync(program, 0o755)
  return { programs, opened }
}
