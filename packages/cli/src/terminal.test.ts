import { expect, test } from 'vitest'
import { askText, terminalOf } from './terminal.ts'

const tty = { isTTY: true, columns: 80 }
const streams = { stdin: tty, stdout: tty, stderr: tty }
const none = { yes: false }

test('a person is asked on a terminal only', () => {
  expect(terminalOf({}, none, streams)).toEqual({ interactive: true, animated: true })
  for (const stream of ['stdin', 'stdout', 'stderr'] as const)
    expect(terminalOf({}, none, { ...streams, [stream]: {} }).interactive).toBe(false)
})

test('CI and --yes mean that nobody is asked', () => {
  expect(terminalOf({ CI: 'true' }, none, streams).interactive).toBe(false)
  expect(terminalOf({ CI: 'false' }, none, streams).interactive).toBe(true)
  expect(terminalOf({}, { yes: true }, streams).interactive).toBe(false)
})

test('a terminal of no columns, or a dumb one, shows nothing that moves', () => {
  expect(terminalOf({}, none, { ...streams, stderr: { isTTY: true, columns: 0 } }).animated).toBe(false)
  expect(terminalOf({ TERM: 'dumb' }, none, streams).animated).toBe(false)
})

test('where nobody can be asked, the flag is named', async () => {
  const asked = askText({ interactive: false, animated: false }, { message: 'Which name?', flag: '--name NAME' })
  await expect(asked).rejects.toMatchObject({
    code: 'needs_terminal',
    message: 'Which name: there is no terminal to ask on.',
    next: 'Say it with --name NAME.',
  })
})
