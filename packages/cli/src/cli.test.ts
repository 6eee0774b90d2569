import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { codes } from '@spoq/contracts/problem'
import { expect, test } from 'vitest'
import { bin, lastJson, spoq, temporaryFolder } from './testing.ts'

/** What a person can get wrong before anything is asked of anybody. */
const wrong: [string[], keyof typeof codes, string][] = [
  [['lgin'], 'unknown_command', 'Did you mean spoq login?'],
  [['machine', 'shwo'], 'unknown_command', 'Did you mean spoq machine show?'],
  [['no', 'such', 'thing'], 'unknown_command', 'Run spoq --help for the list.'],
  [['help', 'nothing'], 'unknown_command', 'Run spoq --help for the list.'],
  [['nothing', '--help'], 'unknown_command', 'Run spoq --help for the list.'],
  [['machine'], 'usage', 'See spoq machine --help.'],
  [['whoami', '--nope'], 'usage', 'See spoq whoami --help.'],
  [['machine', 'show', 'a', 'b'], 'usage', 'See spoq machine show --help.'],
  [['up', '--port', 'many'], 'usage', 'See spoq up --help.'],
  [['login', 'revoke'], 'usage', 'See spoq login revoke --help.'],
  [['login', '--start', '--finish'], 'usage', 'See spoq login --help.'],
  [['whoami', '--server', 'what ever'], 'usage', 'Give it as https://HOST.'],
  [['whoami', '--server', 'http://spoq.example'], 'usage', 'Give it as https://HOST.'],
  [['whoami'], 'not_signed_in', 'Run spoq login.'],
  [['ask', 'hello'], 'not_signed_in', 'Run spoq login.'],
  [['logout'], 'not_signed_in', 'Run spoq login.'],
  [['chat', '--mode', 'sideways'], 'usage', 'See spoq chat --help.'],
  [['login', '--server', 'http://127.0.0.1:4'], 'server_unknown', codes.server_unknown.next],
  [['login', '--finish'], 'not_signed_in', 'Run spoq login --start.'],
]

test.each(wrong)('%j is refused as %s in two lines', async (args, code, next) => {
  const { status, stdout, stderr } = await spoq(args)
  expect({ status, stdout }).toEqual({ status: codes[code].exit, stdout: '' })
  expect(stderr.trimEnd().split('\n')).toHaveLength(2)
  expect(stderr.trimEnd().split('\n')[1]).toBe(next)
})

test.each(wrong)('%j --json is refused as one object with the code %s', async (args, code, next) => {
  const ran = await spoq([...args, '--json'])
  expect(ran).toMatchObject({ status: codes[code].exit, stderr: '' })
  expect(ran.stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(lastJson(ran)).toEqual({ error: { code, message: expect.any(String), next } })
})

test('a chat needs a terminal, has no --json, and without one a bare spoq is the help', async () => {
  expect(await spoq(['chat'])).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/needs a terminal.*\n.*spoq ask "your question"/),
  })
  expect(lastJson(await spoq(['chat', '--json']))).toMatchObject({ error: { code: 'usage' } })
  expect((await spoq([])).stdout).toContain('USAGE')
})

test('--json after a -- belongs to somebody else', async () => {
  const { stdout, stderr } = await spoq(['run', '--', 'ls', '--json'])
  expect(stdout).toBe('')
  expect(stderr).toContain('not signed in')
})

test('a fault shows its stack with DEBUG and only then', async () => {
  expect((await spoq(['whoami'])).stderr).not.toContain('    at ')
  expect((await spoq(['whoami'], { DEBUG: '1' })).stderr).toContain('    at ')
})

test('each command has a summary, examples and --json in its help', async () => {
  const { stdout } = await spoq(['--help'])
  const words = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, word]) => String(word))
  expect(words).toEqual(expect.arrayContaining(['ask', 'init', 'login', 'machine', 'run', 'status', 'up']))
  for (const word of new Set(words)) {
    const help = await spoq([word, '--help'])
    expect(help.status, word).toBe(0)
    expect(help.stdout, word).toMatch(/^\S.+\.\n/)
    if (help.stdout.includes('\nFLAGS')) expect(help.stdout, word).toMatch(/\nEXAMPLES\n {2}\$ spoq /)
  }
})

test('it answers by the name it is called by', async () => {
  using folder = temporaryFolder()
  const sparebox = join(folder.path, 'sparebox')
  symlinkSync(bin, sparebox)
  const run = (...args: string[]) => spawnSync(process.execPath, [sparebox, ...args], { encoding: 'utf8' })
  expect(run('--version').stdout).toMatch(/^sparebox\/\d+\.\d+\.\d+ /)
  expect(run('--help').stdout).toContain('$ sparebox ')
  expect(run('lgin').stderr).toContain('Did you mean sparebox login?')
  const env = { ...process.env, SPOQ_DATA_DIR: folder.path }
  expect(spawnSync(process.execPath, [sparebox, 'whoami'], { encoding: 'utf8', env }).stderr).toContain(
    'Run sparebox login.',
  )
})

test('both prefixes name a setting', async () => {
  for (const prefix of ['SPOQ', 'SPAREBOX']) {
    const { stderr } = await spoq(['whoami'], { [`${prefix}_SERVER`]: 'https://spoq.example' })
    expect(stderr).toContain('You are not signed in to https://spoq.example.')
  }
})

test('a reader that has seen enough is no failure', async () => {
  const child = spawn('bash', ['-o', 'pipefail', '-c', `"$0" "$1" --help | head -1`, process.execPath, bin])
  let stderr = ''
  child.stderr.on('data', text => {
    stderr += text
  })
  const [status] = await once(child, 'close')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('a closed standard input asks nothing and hangs nowhere', () => {
  const closed = spawnSync('bash', ['-c', `exec "$0" "$1" machine terminate <&-`, process.execPath, bin], {
    encoding: 'utf8',
    env: { ...process.env, SPOQ_DATA_DIR: '/nonexistent/spoq' },
    timeout: 20_000,
  })
  expect(closed.status).toBe(codes.not_signed_in.exit)
})

test('NO_COLOR and a pipe give text without escapes', async () => {
  for (const environment of [{ NO_COLOR: '1', FORCE_COLOR: '' }, {}] as Record<string, string>[])
    for (const args of [['--help'], ['machine', '--help'], ['whoami']]) {
      const { stdout, stderr } = await spoq(args, environment)
      expect(stdout + stderr).not.toContain('\u001b')
    }
})
