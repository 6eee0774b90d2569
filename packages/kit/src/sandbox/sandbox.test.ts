import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bubblewrapArguments } from './bubblewrap.ts'
import { cleanEnvironment } from './clean-environment.ts'
import { probeSandbox, withoutIsolation } from './sandbox.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'spoq-sandbox-')))
  mkdirSync(join(folder, 'workspace'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const plain = withoutIsolation('for a test')

function spawn(command: string, signal = new AbortController().signal) {
  const workspace = join(folder, 'workspace')
  return plain.spawn(['/bin/sh', '-c', command], { workspace, cwd: workspace, env: { GIVEN: 'yes' }, signal })
}

test('without isolation a command runs in its folder, with a clean environment and an empty input', async () => {
  vi.stubEnv('SPOQ_TEST_SECRET', 'do not tell')
  const child = spawn('pwd; cat; env; echo oops >&2; exit 3')
  const printed = await text(child.stdout)
  expect(printed.split('\n')[0]).toBe(join(folder, 'workspace'))
  expect(printed).toContain('GIVEN=yes')
  expect(printed).toContain(`HOME=${join(folder, 'workspace')}`)
  expect(printed).not.toContain('do not tell')
  expect(await child.ended).toEqual({ status: 3, signal: null })
})

test('the end of the signal ends the command and what it started', async () => {
  const stop = new AbortController()
  const child = spawn('sleep 1000 & echo $!; wait', stop.signal)
  const [line] = await once(child.stdout, 'data')
  const grandchild = Number(line)
  stop.abort()
  expect(await child.ended).toEqual({ status: null, signal: 'SIGKILL' })
  await vi.waitFor(() => expect(isRunning(grandchild)).toBe(false))
})

test('a signal that has ended starts nothing', () => {
  expect(() => spawn('true', AbortSignal.abort(new Error('too late')))).toThrow('too late')
})

/** A killed orphan is a zombie until its new parent takes notice of it. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

test('the environment of a command is named one by one', () => {
  const own = { PATH: '/own', LANG: 'C', NODE_OPTIONS: '--inspect', AWS_SECRET_ACCESS_KEY: 'x', HOME: '/root' }
  expect(cleanEnvironment(own, '/w', { A: '1' })).toEqual({ PATH: '/own', LANG: 'C', HOME: '/w', TERM: 'dumb', A: '1' })
})

test('a computer without bubblewrap says what to install', async () => {
  vi.stubEnv('PATH', folder)
  const sandbox = await probeSandbox('linux')
  expect([sandbox.isolation, sandbox.why]).toEqual(['none', expect.stringContaining('install the package bubblewrap')])
})

test('a bubblewrap that does not run, or does not hide, is not used', async () => {
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  fakeBubblewrap('echo "bwrap: No permissions to create new namespace" >&2; exit 1')
  expect(await probeSandbox('linux')).toMatchObject({
    isolation: 'none',
    why: expect.stringContaining('No permissions'),
  })
  // This one only does what it is told after the dashes.
  fakeBubblewrap(
    'while [ "$1" != "--chdir" ]; do shift; done; cd "$2"; while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
  )
  expect(await probeSandbox('linux')).toMatchObject({ isolation: 'none' })
})

function fakeBubblewrap(script: string): void {
  writeFileSync(join(folder, 'bwrap'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'bwrap'), 0o755)
}

test('other systems have no isolation, and say so', async () => {
  expect(await probeSandbox('darwin')).toMatchObject({ isolation: 'none', why: expect.stringContaining('darwin') })
})

test('a workspace inside a folder of the system is refused: its neighbours would be seen', () => {
  for (const workspace of ['/usr/local/spoq/workspace', '/usr', '/'])
    expect(() => bubblewrapArguments({ workspace, cwd: workspace, node: '/usr/bin/node' })).toThrow('overlap')
})
