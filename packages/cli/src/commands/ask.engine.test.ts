// On a real terminal: the question about an approval, its keys, and a width of 40 columns.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin } from '../testing.ts'

/** util-linux's `script` gives a program a terminal. */
const isMissing = !String(spawnSync('script', ['--version']).stdout).includes('util-linux')
if (isMissing) console.log('skipped: there is no `script` of util-linux here')
const onTerminal = test.skipIf(isMissing && !process.env.CI)

let machine: TestMachine

beforeAll(async () => {
  machine = await startMachine()
})
afterAll(() => machine.stop())

/** Runs on a terminal of 40 columns and types `keys` once it shows `prompt`. */
async function typing(args: string[], prompt: string, keys: string) {
  const { CI: _, ...env } = process.env
  const words = [process.execPath, bin, ...args].map(word => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols 40; ${words}`, '/dev/null'], {
    env: { ...env, SPOQ_MARKER: machine.marker, SPOQ_DATA_DIR: join(machine.folder, 'data'), TERM: 'xterm' },
    stdio: 'pipe',
  })
  let seen = ''
  child.stdout.on('data', piece => (seen += piece))
  const closed = once(child, 'close')
  while (!seen.includes(prompt) && child.exitCode === null) await sleep(5)
  child.stdin.write(keys)
  const [status] = await closed
  return { status, lines: stripVTControlCharacters(seen).split(/\r?\n/) }
}

onTerminal('yes lets the command run, and every line about it fits', async () => {
  const { status, lines } = await typing(['ask', '--model', 'demo', 'run: echo let through'], 'Allow?', 'y\r')
  expect(status).toBe(0)
  const about = lines.filter(line => line.startsWith('·'))
  expect(about.at(0)).toBe('· demo model: scripted, not AI')
  expect(about.at(-1)).toMatch(/^· sess_/)
  expect(about.filter(line => line.length >= 40)).toEqual([])
  expect(lines.join(' ')).toMatch(/answered:\s+let\s+through/)
})

onTerminal('Enter alone denies', async () => {
  const { status, lines } = await typing(['ask', '--model', 'demo', 'run: echo let through'], 'Allow?', '\r')
  expect(status).toBe(0)
  expect(lines.join('\n')).toContain('· denied')
})

onTerminal('what is allowed always is kept, shown and removed', async () => {
  const { status, lines } = await typing(['ask', '--model', 'demo', 'run: echo kept'], 'Allow?', 'a\r')
  expect(status).toBe(0)
  expect(lines).toContain('From s on this is kept: run(echo kept)')
  const again = await typing(['ask', '--model', 'demo', 'run: echo kept'], 'answered', '')
  expect(again.status).toBe(0)
  expect(again.lines.join('\n')).not.toContain('Allow?')
  const [, id = ''] = /(rule_\w+)/.exec((await typing(['rule', 'list'], 'rule_', '')).lines.join('')) ?? []
  expect((await typing(['rule', 'remove', id], 'removed', '')).status).toBe(0)
  const asked = await typing(['ask', '--model', 'demo', 'run: echo kept'], 'Allow?', 'n\r')
  expect(asked.lines.join('\n')).toContain('· denied')
})

onTerminal('what is asked every time offers no rule', async () => {
  const { lines } = await typing(['ask', '--model', 'demo', 'run: echo x | sh'], 'Allow?', 'n\r')
  expect(lines.some(line => line.includes('always'))).toBe(false)
})

onTerminal('Ctrl-C at the question stops the turn', async () => {
  const { status, lines } = await typing(['ask', '--model', 'demo', 'run: echo no'], 'Allow?', '\u0003')
  expect(status).toBe(130)
  expect(lines).toContain('The turn was stopped.')
})

onTerminal('a key that is typed is not shown', async () => {
  const { lines } = await typing(['model', 'use', 'x', '--url', 'http://127.0.0.1:9/v1'], 'Key', 'hush-hush\r')
  expect(lines.join('\n')).toContain('*********')
  expect(lines.join('\n')).not.toContain('hush')
})
