// The run commands as processes, against a real machine.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { startRun } from '@spoq/contracts/run'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { bin } from '../../testing.ts'

let machine: TestMachine
let laptop: string
const said: unknown[] = []

beforeAll(async () => {
  machine = await startMachine({ logger: line => said.push(line) })
  laptop = join(machine.folder, 'laptop')
  mkdirSync(join(laptop, 'src'), { recursive: true })
  mkdirSync(join(machine.workspace, 'app/src'), { recursive: true })
})
afterAll(() => machine.stop())

async function spoq(args: string[], { cwd = laptop, env = {} }: { cwd?: string; env?: Record<string, string> } = {}) {
  const { PATH, HOME } = process.env
  const own = { PATH, HOME, SPOQ_MARKER: machine.marker, SPOQ_DATA_DIR: join(machine.folder, 'data'), ...env }
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: own, stdio: ['ignore', 'pipe', 'pipe'] })
  const seen = { out: '', err: '' }
  child.stdout.on('data', piece => (seen.out += piece))
  child.stderr.on('data', piece => (seen.err += piece))
  const [status] = await once(child, 'close')
  return { status, ...seen }
}

const lines = (out: string) => out.trimEnd().split('\n')

test('a detached run goes on by itself: listed, its streams read apart, followed, killed', async () => {
  const script = 'echo out; echo err >&2; while [ ! -e go ]; do sleep 0.02; done; echo late; sleep 1000'
  const { status, out } = await spoq(['run', '--detach', '--', 'sh', '-c', script])
  expect(status).toBe(0)
  const run = out.trim()
  expect(run).toMatch(/^run_\w{20}$/)
  await vi.waitFor(async () => expect((await spoq(['run', 'logs', run])).out).toBe('out\n'), 20_000)
  expect(await spoq(['run', 'logs', run.slice(4, 12), '--stderr'])).toEqual({ status: 0, out: '', err: 'err\n' })
  expect(await spoq(['run', 'logs', run, '--stdout'])).toEqual({ status: 0, out: 'out\n', err: '' })
  expect(lines((await spoq(['run', 'list'])).out)[1]).toMatch(/^run_\w{6,} +running +\d+ s ago +sh -c 'echo out;/)
  const following = spoq(['run', 'logs', run, '-f'])
  writeFileSync(join(machine.workspace, 'go'), '')
  await vi.waitFor(async () => expect((await spoq(['run', 'logs', run])).out).toContain('late'), 20_000)
  expect(await spoq(['run', 'kill', run])).toEqual({ status: 0, out: `${run} was sent SIGTERM.\n`, err: '' })
  expect(await following).toEqual({ status: 0, out: 'out\nlate\n', err: 'err\n' })
  expect((await spoq(['run', 'kill', run, '--signal', 'SIGKILL'])).status).toBe(5)
  expect((await spoq(['run', 'list'])).out).toContain('SIGTERM')
})

test('a program named like a verb goes after two dashes', async () => {
  const { status, err } = await spoq(['run', '--', 'list'])
  expect({ status, why: lines(err)[0] }).toEqual({ status: 2, why: 'The machine has no command list.' })
  expect((await spoq(['run', 'list'])).out).toMatch(/^ID +STATUS/)
})

test('the environment comes from files, from here and from the words; its values stand nowhere else', async () => {
  writeFileSync(join(laptop, '.env.ci'), '# for the tests\nFROM_FILE="in file"\nBOTH=file\nexport SECRET=hush-file\n')
  const args = [
    '-e',
    'BOTH=flag',
    '-e',
    'TOKEN',
    '--env-from',
    '.env.ci',
    '--',
    'sh',
    '-c',
    'echo $FROM_FILE,$BOTH,$TOKEN',
  ]
  const { out } = await spoq(['run', ...args], { env: { TOKEN: 'hush-here' } })
  expect(out).toBe('in file,flag,hush-here\n')
  const [{ id }] = JSON.parse((await spoq(['run', 'list', '--json'])).out).runs
  const events = (await spoq(['run', 'logs', id, '--json'])).out
    .split('\n')
    .filter(line => !line.includes('run.output'))
  const kept = readdirSync(machine.folder).filter(name => name.startsWith('log.sqlite'))
  const log = kept.map(name => readFileSync(join(machine.folder, name), 'latin1')).join('')
  for (const secret of ['hush-file', 'hush-here'])
    for (const place of [events.join('\n'), JSON.stringify(said), log]) expect(place).not.toContain(secret)
  const refused = await spoq(['run', '--env-from', 'none', '--', 'true'])
  expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('--env-from none cannot be read (ENOENT)') })
})

/** Node applies NODE_OPTIONS of a file after `--env-file`, wherever that stands: the flag must have another name. */
test('a file of variables changes nothing of this program itself', async () => {
  writeFileSync(join(laptop, 'evil.cjs'), "require('node:fs').writeFileSync('was-run', '')\n")
  writeFileSync(join(laptop, '.env.evil'), 'NODE_OPTIONS="--require ./evil.cjs"\n')
  await spoq(['run', '--env-from', '.env.evil', '--', 'true'])
  expect(readdirSync(laptop)).not.toContain('was-run')
})

test('a mapped folder runs in the matching place, and again below it', async () => {
  const pwd = ['--', 'pwd']
  expect((await spoq(['run', ...pwd])).out).toBe(`${machine.workspace}\n`)
  expect((await spoq(['run', '--map', 'app', ...pwd])).out).toBe(`${join(machine.workspace, 'app')}\n`)
  expect((await spoq(['run', ...pwd])).out).toBe(`${join(machine.workspace, 'app')}\n`)
  const below = { cwd: join(laptop, 'src') }
  expect((await spoq(['run', ...pwd], below)).out).toBe(`${join(machine.workspace, 'app/src')}\n`)
  expect((await spoq(['run', '--directory', '.', ...pwd], below)).out).toBe(`${machine.workspace}\n`)
  expect(JSON.parse((await spoq(['run', 'map', '--json'])).out).mapped).toEqual([
    { local: laptop, directory: 'app', machine: null },
  ])
  expect((await spoq(['run', 'map', '--remove'])).status).toBe(0)
  expect((await spoq(['run', 'map', '--remove'])).status).toBe(4)
  expect((await spoq(['run', ...pwd])).out).toBe(`${machine.workspace}\n`)
})

test('a mapping to where nothing is, or outside, is refused and not kept', async () => {
  for (const directory of ['none', '../..', '/etc'])
    expect((await spoq(['run', '--map', directory, '--', 'pwd'])).status).toBe(2)
  expect((await spoq(['run', 'map'])).out).toBe('No folder is mapped.\n')
})

test('output that was dropped is told on stderr', async () => {
  const script = 'head -c 30000000 /dev/zero | tr "\\0" x; echo end'
  const { run } = await call(machine.target, startRun, { body: { command: ['sh', '-c', script], detached: true } })
  await spoq(['run', 'logs', run, '-f'])
  const { out, err } = await spoq(['run', 'logs', run])
  const [, dropped = ''] = /^\[the oldest ([\d,]+) bytes of output were dropped\]\n$/.exec(err) ?? []
  expect(out.endsWith('xend\n')).toBe(true)
  expect(Number(dropped.replaceAll(',', '')) + out.length).toBe(30_000_004)
})

test.each([
  [['run', 'logs', 'zzzz'], 4, 'There is no run zzzz on this machine.'],
  [['run', 'kill', '../x'], 4, 'There is no run ../x on this machine.'],
  [['run', 'logs', 'ab', '--stdout', '--stderr'], 2, '--stderr=true cannot also be provided when using --stdout'],
])('%j ends with %i and says why', async (args, status, why) => {
  const ran = await spoq(args)
  expect(ran.status).toBe(status)
  expect(ran.err).toContain(why)
})

test("--sync brings over what changed here before the command runs there; stdout is the command's alone", async () => {
  const app = join(machine.folder, 'synced')
  mkdirSync(join(app, 'src'), { recursive: true })
  writeFileSync(join(app, 'src/greeting'), 'first\n')
  const first = await spoq(['run', '--sync', '--', 'cat', 'src/greeting'], { cwd: app })
  expect(first).toMatchObject({ status: 0, out: 'first\n', err: expect.stringContaining('to the machine') })
  writeFileSync(join(app, 'src/greeting'), 'second\n')
  const below = await spoq(['run', '--sync', '--', 'cat', 'greeting'], { cwd: join(app, 'src') })
  expect(below).toMatchObject({ status: 0, out: 'second\n' })
  expect(readdirSync(machine.workspace)).toContain('synced')
})

test('--sync runs nothing when not all could be brought over, or when two folders would be joined unasked', async () => {
  const app = join(machine.folder, 'clashing')
  mkdirSync(app)
  for (const name of ['Read.me', 'read.me']) writeFileSync(join(app, name), name)
  const clashing = await spoq(['run', '--sync', '--', 'touch', 'ran'], { cwd: app })
  expect(clashing).toMatchObject({ status: 5, err: expect.stringContaining('the command was not run') })
  for (const folder of [join(machine.folder, 'joined'), join(machine.workspace, 'joined')]) {
    mkdirSync(folder)
    writeFileSync(join(folder, 'f'), folder)
  }
  const joined = await spoq(['run', '--sync', '--', 'touch', 'ran'], { cwd: join(machine.folder, 'joined') })
  expect(joined.status).not.toBe(0)
  for (const name of ['clashing', 'joined', '.']) expect(existsSync(join(machine.workspace, name, 'ran'))).toBe(false)
})
