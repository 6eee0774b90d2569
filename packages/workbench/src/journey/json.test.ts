// Every command with --json, generated from the manifest: whatever is wrong, stdout is one JSON object with a stable code,
// and the exit status is that code's. A new command is covered by being there.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codes, type ErrorCode, errorCodes } from '@spoq/contracts/problem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root, runSpoq } from './home.ts'

interface Flag {
  type: 'boolean' | 'option'
  required?: boolean
  multiple?: boolean
  options?: string[]
}
interface Command {
  /** False where a command prints for another program and takes the words as they are: completion. */
  enableJsonFlag: boolean
  hidden?: boolean
  args: Record<string, { required?: boolean; multiple?: boolean }>
  flags: Record<string, Flag>
}
interface Case {
  what: string
  words: string[]
  environment?: Record<string, string>
}

const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, Command>
}
const commands = Object.entries(manifest.commands).filter(([, { enableJsonFlag }]) => enableJsonFlag)
const topics = new Set(commands.flatMap(([id]) => (id.includes(':') ? [id.split(':')[0] ?? ''] : [])))

let broken: string
beforeAll(() => {
  // A data folder that can neither be read nor written: no command gets so far as to do something.
  broken = mkdtempSync(join(tmpdir(), 'spoq-json-'))
  for (const name of ['cli', 'server', 'machines']) writeFileSync(join(broken, name), '')
})
afterAll(() => rmSync(broken, { recursive: true }))

const nasty = '\u001b[31m"é'
const nobody = ['--server', 'http://127.0.0.1:4']

/** The words of a command with all that it needs, each value one that nobody has. */
function whole(id: string, { args, flags }: Command): string[] {
  const values = Object.entries(flags).filter(([, flag]) => flag.required)
  const needed = Object.values(args).filter(({ required, multiple }) => required || multiple)
  const words = [...id.split(':'), ...values.flatMap(([name, { options }]) => [`--${name}`, options?.[0] ?? nasty])]
  return [...words, ...needed.map(() => nasty)]
}

function casesOf(id: string, command: Command): Case[] {
  const words = whole(id, command)
  const tokens = { SPOQ_TOKEN: 'spoq_pat_nonsense' }
  const required = words.length > id.split(':').length
  const valued = Object.entries(command.flags).filter(([name, { type }]) => type === 'option' && name !== 'data-dir')
  const switches = Object.entries(command.flags).filter(([name, { type }]) => type === 'boolean' && name !== 'json')
  return [
    { what: 'without a login', words: [...words, ...nobody] },
    { what: 'with a token and no server', words: [...words, ...nobody], environment: tokens },
    { what: 'with a server that is none', words: [...words, '--server', nasty] },
    { what: 'with a flag that is none', words: [...words, '--no-such-flag'] },
    { what: 'with a word too much', words: [...words, 'a', 'b', 'c', ...nobody] },
    ...(required ? [{ what: 'with nothing of what it needs', words: id.split(':') }] : []),
    ...valued.slice(0, 3).map(([name]) => ({
      what: `with a nonsense --${name}`,
      words: [...words, `--${name}=${nasty}`, ...nobody],
    })),
    ...valued.slice(-1).map(([name]) => ({ what: `with an empty end of --${name}`, words: [...words, `--${name}`] })),
    ...switches.slice(0, 1).map(([name]) => ({ what: `with a value for --${name}`, words: [...words, `--${name}=x`] })),
  ]
}

const rest: Case[] = [
  ...[...topics].map(topic => ({ what: `${topic} without a verb`, words: [topic, ...nobody] })),
  ...[...topics].map(topic => ({ what: `${topic} with a verb that is none`, words: [topic, 'frobnicate', ...nobody] })),
  { what: 'a command that is none', words: ['frobnicate'] },
  { what: 'a command of signs', words: [nasty] },
  { what: 'a command called like a part of JavaScript', words: ['__proto__'] },
  { what: 'a command called like a function', words: ['constructor', 'toString'] },
  { what: 'an empty command', words: [''] },
  { what: 'flags alone', words: ['--no-such-flag'] },
  { what: 'help of nothing', words: ['help', 'frobnicate'] },
]

test.each(commands)('%s --json: one object with a known code, whatever is wrong', async (id, command) => {
  await each(casesOf(id, command))
})

test('only what people do not call has no --json', () => {
  const without = Object.values(manifest.commands).filter(({ enableJsonFlag }) => !enableJsonFlag)
  expect(without.filter(({ hidden }) => !hidden)).toEqual([])
})

test('what is no command --json: the same', () => each(rest))

/** Two at a time: each is a process. */
async function each(cases: Case[]): Promise<void> {
  for (let at = 0; at < cases.length; at += 2) await Promise.all(cases.slice(at, at + 2).map(check))
}

async function check({ what, words, environment = {} }: Case): Promise<void> {
  // `run` gives away what stands after its first word.
  const [first = '', ...others] = words
  const argv = first === 'run' ? [first, '--json', ...others] : [...words, '--json']
  const ran = await runSpoq(argv, { environment: { SPOQ_DATA_DIR: broken, FORCE_COLOR: '1', ...environment } })
  const seen = JSON.stringify({ what, argv, ...ran }, null, 1)
  const lines = ran.stdout.split('\n')
  expect(lines, seen).toHaveLength(2)
  expect(lines[1], seen).toBe('')
  expect(ran.stdout + ran.stderr, seen).not.toMatch(/\n\s+at |node:internal|UnhandledPromise/)
  expect(ran.stdout, seen).not.toContain('\u001b')
  const said = JSON.parse(lines[0] ?? '') as {
    error?: { code: ErrorCode; message: string; next: string }
    healthy?: boolean
  }
  // The doctor's findings are its result; its status says whether all is well, as its help tells.
  if (!said.error) return expect(ran.status, seen).toBe(said.healthy === false ? 1 : 0)
  expect(said.error.message + said.error.next, seen).not.toMatch(/\p{Cc}/u)
  expect(errorCodes, seen).toContain(said.error.code)
  expect(said.error.code, seen).not.toBe('internal')
  expect(said.error, seen).toEqual({ code: said.error.code, message: expect.any(String), next: expect.any(String) })
  expect(ran.status, seen).toBe(codes[said.error.code].exit)
}
