import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { commandsFor, findCli } from './commands.ts'

function stage(): string {
  const folder = mkdtempSync(join(tmpdir(), "spoq-it's-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('the command line stands on the path, after what this computer has itself, and knows its machine', () => {
  const folder = stage()
  const written = new Map<string, string>()
  const write = (path: string, text: string, mode = 0o600) => {
    written.set(path, text)
    writeFileSync(path, text, { mode })
  }
  const said = commandsFor({ path: name => join(folder, name), folder: '/a/machine', write })
  expect(JSON.parse(written.get(said.SPOQ_MARKER ?? '') ?? '')).toEqual({ folder: '/a/machine' })
  expect(said.PATH?.split(':').at(-1)).toBe(join(folder, 'bin'))
  expect(execFileSync(join(folder, 'bin/spoq'), ['--version'], { encoding: 'utf8' })).toContain('spoq')
})

test('it is looked for upward, and not there where the Conductor came alone', () => {
  const folder = stage()
  mkdirSync(join(folder, 'packages/conductor/dist'), { recursive: true })
  mkdirSync(join(folder, 'bin'))
  const found = () => findCli(join(folder, 'packages/conductor/dist'))
  expect(found()).toBeNull()
  for (const name of ['bin/run.js', 'package.json']) writeFileSync(join(folder, name), '')
  expect(found()).toBe(join(folder, 'bin/run.js'))
})
