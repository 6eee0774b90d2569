import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, withoutIsolation } from '@spoq/kit/sandbox'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkpoints } from '../checkpoint/index.ts'
import { type Database, openDatabase } from '../log/index.ts'
import { clientTools } from './client-tools.ts'
import { machineTools } from './machine-tools.ts'
import type { Tool, ToolContext } from './tool.ts'

let workspace: string
let database: Database
let old: string
beforeEach(() => {
  old = mkdtempSync(join(tmpdir(), 'spoq-old-'))
  database = openDatabase(join(old, 'log.sqlite'))
  database.sql.exec("INSERT INTO session (id, title, created_at, updated_at) VALUES ('s', '', '', '')")
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'spoq-tools-')))
})
afterEach(() => {
  database.close()
  for (const folder of [workspace, old]) rmSync(folder, { recursive: true })
})

const plain = withoutIsolation('for a test')
const context: ToolContext = {
  signal: new AbortController().signal,
  client: null,
  origin: { session: 's', turn: 't', call: 'c' },
  base: undefined,
}

function named(name: string, sandbox: Sandbox = plain): Tool {
  const kept = checkpoints(database, { folder: old, workspace })
  const found = [...machineTools({ workspace, sandbox, checkpoints: kept }), ...clientTools].find(
    tool => tool.name === name,
  )
  if (!found) throw new Error(`no tool ${name}`)
  return found
}

/** As a turn does it: the input validated, then the tool run. */
async function use(name: string, input: unknown, more: Partial<ToolContext> = {}): Promise<string> {
  const tool = named(name)
  return tool.run(tool.input.parse(input), { ...context, ...more })
}

test('create, edit, read, find and search a file', async () => {
  expect(await use('edit', { path: 'src/a.ts', old: '', new: 'const a = 1\n' })).toBe('created src/a.ts')
  expect(await use('edit', { path: 'src/a.ts', old: '1', new: '2' })).toBe('changed src/a.ts')
  expect(await use('read', { path: 'src/a.ts' })).toBe('const a = 2\n')
  expect(await use('glob', { pattern: '**/*.ts' })).toBe('src/a.ts')
  expect(await use('grep', { pattern: 'a = \\d' })).toBe('src/a.ts:1: const a = 2')
  await expect(use('edit', { path: 'src/a.ts', old: '', new: 'x' })).rejects.toThrow('exists already')
  await expect(use('edit', { path: '../a.ts', old: '', new: 'x' })).rejects.toThrow('leads out')
})

test('edits of one file at the same time are all kept', async () => {
  const words = Array.from({ length: 20 }, (_, i) => `word${i};`)
  writeFileSync(join(workspace, 'a.txt'), words.join(''))
  const edit = named('edit')
  await Promise.all(words.map(old => edit.run({ path: 'a.txt', old, new: old.toUpperCase() }, context)))
  expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe(words.join('').toUpperCase())
})

test('a failed edit does not stop the next one', async () => {
  const edit = named('edit')
  const failed = edit.run({ path: 'none.txt', old: 'a', new: 'b' }, context)
  const created = edit.run({ path: 'a.txt', old: '', new: 'b' }, context)
  await expect(failed).rejects.toThrow('does not exist')
  expect(await created).toBe('created a.txt')
})

test('a command answers what it printed and how it ended', async () => {
  expect(await use('run', { command: 'echo 1; echo 2 >&2; echo 3; exit 4' })).toBe('1\n2\n3\n[exit status 4]')
  expect(await use('run', { command: 'printf x' })).toBe('x\n[exit status 0]')
  expect(await use('run', { command: 'true' })).toBe('[exit status 0]')
  expect(await use('run', { command: 'echo "$0 $#' })).toMatch(/nterminated quoted string|unexpected EOF/)
  expect(await use('run', { command: 'kill -9 $$' })).toBe('[ended by SIGKILL]')
  expect(await use('run', { command: 'cat; pwd' })).toBe(`${workspace}\n[exit status 0]`)
})

test('long output is bounded', async () => {
  const output = await use('run', { command: 'echo begin; head -c 300000 /dev/zero | tr "\\0" x; echo; echo end' })
  expect(output.length).toBeLessThan(66_000)
  expect(output).toMatch(/^begin\nx+\n\[\d+ bytes left out\]\nx+\nend\n\[exit status 0\]$/)
})

test('a command that takes too long is stopped, with what it printed so far', async () => {
  expect(await use('run', { command: 'echo begun; sleep 1000', timeoutSeconds: 1 })).toBe(
    'begun\n[stopped after 1 seconds]',
  )
})

test('what a command leaves in the background ends with it', async () => {
  expect(await use('run', { command: 'sleep 1000 & echo done' })).toBe('done\n[exit status 0]')
})

test('a stopped turn ends its command', async () => {
  const turn = new AbortController()
  const running = use('run', { command: 'sleep 1000' }, { signal: turn.signal })
  turn.abort(new Error('stopped by its owner'))
  await expect(running).rejects.toThrow('stopped by its owner')
})

test('what tools do: looking, editing, running', () => {
  const does = (name: string) => named(name).does
  expect(['read', 'glob', 'grep', 'client_read', 'client_glob', 'client_grep'].map(does)).toEqual(Array(6).fill('look'))
  expect([does('edit'), does('run')]).toEqual(['edit', 'run'])
})

test('a command runs in the folder that is named, below the workspace alone', async () => {
  mkdirSync(join(workspace, 'app'))
  symlinkSync('/', join(workspace, 'out'))
  expect(await use('run', { command: 'pwd', folder: './app/' })).toBe(`${workspace}/app\n[exit status 0]`)
  for (const folder of ['..', '/', 'out']) await expect(use('run', { command: 'pwd', folder })).rejects.toThrow()
  expect(named('run').folder?.({ command: 'pwd', folder: './app/' })).toBe('app')
  expect(named('edit').folder?.({ path: './src/deep/a.ts' })).toBe('src')
})

test('titles and subjects say what a call is about', () => {
  const told = (name: string, input: unknown) => [named(name).title(input), named(name).subject(input)]
  expect(told('run', { command: 'npm test' })).toEqual(['run: npm test', 'npm test'])
  expect(told('read', { path: 'a.txt' })).toEqual(['read: a.txt', 'a.txt'])
  expect(told('edit', { path: 'a.txt', old: '', new: 'x' })).toEqual(['create: a.txt', 'a.txt'])
  expect(told('grep', { pattern: 'x', glob: '*.ts' })).toEqual(['grep: x in *.ts', 'x'])
  expect(told('client_glob', { pattern: '**' })).toEqual(['glob on your computer: **', '**'])
})

test('the tools of the laptop ask the laptop, and say so when it is away', async () => {
  const asked: unknown[] = []
  const client = async (...call: unknown[]) => {
    asked.push(call)
    return 'from the laptop'
  }
  expect(await use('client_read', { path: 'a.txt', from: 2 }, { client })).toBe('from the laptop')
  expect(asked).toEqual([['read', { path: 'a.txt', from: 2 }]])
  await expect(use('client_grep', { pattern: 'x' })).rejects.toMatchObject({ code: 'client_away' })
})

test.each([
  ['read', {}],
  ['read', { path: 'a', from: 0 }],
  ['run', { command: '' }],
  ['run', { command: 'ls', timeoutSeconds: 10_000 }],
  ['edit', { path: 'a', old: 'b' }],
  ['client_glob', { pattern: 3 }],
])('%s does not take %j', (name, input) => {
  expect(named(name).input.safeParse(input).success).toBe(false)
})
