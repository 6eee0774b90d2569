import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, open, type Sent } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { type CommandInput, type RunEvent, runEvents, sendInput, signalRun, startRun } from '@spoq/contracts/run'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { closeServer } from '../http/listen.ts'
import { listenLocal, localApp } from '../http/local.ts'
import { newId } from '../id.ts'
import { type Database, type EventLog, openDatabase, openLog } from '../log/index.ts'
import { endLostRuns, endRuns, type LiveRuns, type RunStore, registerRuns, runLimits, runStore } from './index.ts'

let folder: string
let workspace: string
let database: Database
let log: EventLog
let store: RunStore
let runs: LiveRuns
let target: Target
let stop: () => Promise<void>

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'spoq-run-')))
  workspace = join(folder, 'workspace')
  mkdirSync(workspace)
  database = openDatabase(join(folder, 'log.sqlite'))
  log = openLog(database, Date.now)
  store = runStore(database, log)
  runs = new Map()
  const app = localApp({ logger: () => {}, newId, now: Date.now }, serve =>
    registerRuns(serve, { workspace, store, runs, limits: runLimits(), now: Date.now }),
  )
  const server = await listenLocal(app, join(folder, 'local.sock'))
  const dispatcher = overSocket(join(folder, 'local.sock'))
  target = { origin: 'http://machine', dispatcher, unreachable: 'machine_unreachable', now: Date.now }
  stop = async () => {
    await endRuns(runs, 100)
    log.close()
    await dispatcher.destroy()
    await closeServer(server)
    database.close()
  }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await stop()
  rmSync(folder, { recursive: true })
})

const isLast = (event: RunEvent) => event.type === 'run.ended'
const start = async (body: CommandInput) => (await call(target, startRun, { body })).run
const sh = (script: string, more: Partial<CommandInput> = {}) => start({ command: ['sh', '-c', script], ...more })
const give = (run: string, body: NonNullable<Sent<typeof sendInput>['body']>) =>
  call(target, sendInput, { params: { run }, body })
const send = (run: string, signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL') =>
  call(target, signalRun, { params: { run }, body: { signal } })

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = []
  for await (const item of items) seen.push(item)
  return seen
}

async function eventsOf(run: string, after = 0): Promise<RunEvent[]> {
  return all(follow(target, runEvents, { params: { run }, after, isLast }))
}

function printed(events: readonly RunEvent[], stream: 'stdout' | 'stderr' = 'stdout'): string {
  const chunks = events.map(event => (event.type === 'run.output' && event.stream === stream ? event.data : ''))
  return Buffer.concat(chunks.map(data => Buffer.from(data, 'base64'))).toString()
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Follows a run until it has printed something. */
async function until(run: string, text: string): Promise<void> {
  let so = ''
  const isThere = (event: RunEvent) => {
    so += printed([event])
    return so.includes(text)
  }
  await all(follow(target, runEvents, { params: { run }, isLast: isThere }))
}

test('what it prints and its exit status, each event once', async () => {
  const events = await eventsOf(await sh('echo out; echo err >&2; exit 3'))
  expect(events.map(event => event.id)).toEqual(events.map((_, index) => index + 1))
  expect(events[0]).toMatchObject({ type: 'run.started', command: ['sh', '-c', expect.any(String)], directory: '.' })
  expect(printed(events)).toBe('out\n')
  expect(printed(events, 'stderr')).toBe('err\n')
  expect(events.at(-1)).toMatchObject({ type: 'run.ended', status: 3, signal: null })
})

test('any byte survives, and a flood comes whole', async () => {
  const script = 'process.stdout.write(Buffer.alloc(3e6, Buffer.from([...Array(256).keys()])))'
  const events = await eventsOf(await start({ command: [process.execPath, '-e', script] }))
  const chunks = events.flatMap(event => (event.type === 'run.output' ? [Buffer.from(event.data, 'base64')] : []))
  const bytes = Buffer.concat(chunks)
  expect(bytes.length).toBe(3e6)
  expect(bytes.every((byte, index) => byte === index % 256)).toBe(true)
  expect(Math.max(...chunks.map(chunk => chunk.length))).toBeLessThanOrEqual(64 << 10)
})

test('a reader that comes back goes on where it was, also after the end', async () => {
  const run = await sh('echo one; sleep 0.1; echo two')
  const events = await eventsOf(run)
  expect(events.length).toBeGreaterThan(3)
  expect(await eventsOf(run, 2)).toEqual(events.slice(2))
  const over = await open(target, runEvents, { params: { run }, query: { after: events.length } }, {})
  expect(await over.body.text()).not.toContain('data:')
})

test('a run goes on without a reader', async () => {
  const run = await sh('read line; echo "got $line"', { input: true })
  const reader = new AbortController()
  const reading = all(follow(target, runEvents, { params: { run }, isLast, signal: reader.signal }))
  setTimeout(() => reader.abort(new Error('gone')), 50)
  await expect(reading).rejects.toThrow()
  await give(run, { at: 0, data: base64('x\n') })
  expect(printed(await eventsOf(run))).toBe('got x\n')
})

test('it runs in the directory, with a clean environment and what was given', async () => {
  vi.stubEnv('SPOQ_TEST_SECRET', 'do not tell')
  mkdirSync(join(workspace, 'a/b'), { recursive: true })
  const events = await eventsOf(await sh('pwd; env', { directory: 'a/b', environment: { GIVEN: 'yes' } }))
  expect(printed(events).split('\n')[0]).toBe(join(workspace, 'a/b'))
  expect(printed(events)).toContain('GIVEN=yes')
  expect(printed(events)).not.toContain('do not tell')
  expect(JSON.stringify(events[0])).not.toContain('yes')
})

test.each([
  ['a directory outside', { directory: '../..' }, 'invalid_request'],
  ['a directory by a link outside', { directory: 'out' }, 'invalid_request'],
  ['an absolute directory', { directory: '/' }, 'invalid_request'],
  ['a directory that is missing', { directory: 'none' }, 'invalid_request'],
  ['a directory that is a file', { directory: 'file' }, 'invalid_request'],
  ['a variable without a name', { environment: { 'A=B': 'x' } }, 'invalid_request'],
  ['a zero byte', { command: ['echo', 'a\0b'] }, 'invalid_request'],
  ['an empty command', { command: [''] }, 'invalid_request'],
  ['no command', { command: [] }, 'invalid_request'],
  ['an unknown command', { command: ['no-such-command-here'] }, 'command_not_found'],
  ['a name longer than any', { command: ['x'.repeat(1_000_000)] }, 'command_not_found'],
  ['a program below a file', { command: ['./file/program'] }, 'command_not_found'],
  ['a file that is no program', { command: ['./file'] }, 'command_not_found'],
  ['too long a command', { command: ['echo', 'x'.repeat(3 << 20)] }, 'too_large'],
])('%s is refused, and leaves no run', async (_, more, code) => {
  writeFileSync(join(workspace, 'file'), '')
  symlinkSync(folder, join(workspace, 'out'))
  await expect(start({ command: ['pwd'], ...more })).rejects.toMatchObject({ code })
  expect([store.open(), runs.size]).toEqual([[], 0])
})

test('without input a command reads an empty one', async () => {
  const run = await sh('cat; echo end')
  expect(printed(await eventsOf(run))).toBe('end\n')
  const other = await sh('sleep 1000')
  await expect(give(other, { at: 0, data: '' })).rejects.toMatchObject({ code: 'invalid_request' })
})

test('input is taken once, by its place', async () => {
  const run = await start({ command: ['cat'], input: true })
  await give(run, { at: 0, data: base64('one ') })
  await give(run, { at: 0, data: base64('one ') })
  await give(run, { at: 2, data: base64('e two ') })
  await expect(give(run, { at: 99, data: base64('x') })).rejects.toMatchObject({ code: 'invalid_request' })
  await until(run, 'two')
  await give(run, { at: 8, data: base64('three'), end: true })
  const events = await eventsOf(run)
  expect(printed(events)).toBe('one two three')
  expect(events.at(-1)).toMatchObject({ status: 0 })
  await expect(give(run, { at: 13, data: '', end: true })).rejects.toMatchObject({ code: 'run_ended' })
})

test('the end of input may be said again, but nothing may follow it', async () => {
  const run = await sh('cat; read never < fifo', { input: true })
  await give(run, { at: 0, data: base64('x'), end: true })
  await give(run, { at: 0, data: base64('x'), end: true })
  await expect(give(run, { at: 1, data: base64('y') })).rejects.toMatchObject({
    code: expect.stringMatching(/invalid|ended/),
  })
})

test('input that a command does not read is no failure', async () => {
  const run = await sh('exec 0<&-; echo closed; read never < "$0"; sleep 1000', { input: true })
  await until(run, 'closed')
  await give(run, { at: 0, data: base64('x'.repeat(300_000)) })
  await give(run, { at: 300_000, data: base64('y') })
  await send(run, 'SIGKILL')
  expect((await eventsOf(run)).at(-1)).toMatchObject({ signal: 'SIGKILL' })
})

test('a flood of input arrives whole', async () => {
  const run = await start({ command: ['wc', '-c'], input: true })
  const piece = base64('x'.repeat(500_000))
  for (let at = 0; at < 3_000_000; at += 500_000) await give(run, { at, data: piece, end: at === 2_500_000 })
  expect(printed(await eventsOf(run)).trim()).toBe('3000000')
})

test('a signal reaches the command and all that it started', async () => {
  const run = await sh('sleep 1000 & echo $!; wait')
  await until(run, '\n')
  await send(run, 'SIGKILL')
  const events = await eventsOf(run)
  expect(events.at(-1)).toMatchObject({ type: 'run.ended', status: null, signal: 'SIGKILL' })
  await vi.waitFor(() => expect(isRunning(Number(printed(events)))).toBe(false))
  await expect(send(run, 'SIGKILL')).rejects.toMatchObject({ code: 'run_ended' })
})

test('a command may handle a signal', async () => {
  const run = await sh('trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.05; done')
  await until(run, 'ready')
  await send(run, 'SIGINT')
  const events = await eventsOf(run)
  expect(printed(events)).toContain('caught')
  expect(events.at(-1)).toMatchObject({ status: 7, signal: null })
})

test('a run that never was is not found', async () => {
  const run = newId('run')
  await expect(eventsOf(run)).rejects.toMatchObject({ code: 'run_not_found' })
  await expect(send(run, 'SIGINT')).rejects.toMatchObject({ code: 'run_not_found' })
  await expect(give(run, { at: 0, data: '' })).rejects.toMatchObject({ code: 'run_not_found' })
})

test('a full disk ends the run and says so; what was printed before stays', async () => {
  const run = await sh('echo before; read go; while :; do echo 0123456789012345678901234567890123456789; done', {
    input: true,
  })
  await until(run, 'before')
  const { page_count: pages } = database.sql.prepare('PRAGMA page_count').get() as { page_count: number }
  database.sql.exec(`PRAGMA max_page_count = ${pages + 50}`)
  await give(run, { at: 0, data: base64('\n') })
  const seen: RunEvent[] = []
  const reading = (async () => {
    for await (const event of follow(target, runEvents, { params: { run }, isLast })) seen.push(event)
  })()
  await expect(reading).rejects.toMatchObject({ code: 'disk_full' })
  expect(printed(seen)).toMatch(/^before\n0123/)
  await runs.get(run)?.ended
  await expect(eventsOf(run, seen.at(-1)?.id)).rejects.toMatchObject({ code: 'disk_full' })
  await expect(sh(`: ${'x'.repeat(100_000)}; sleep 1000`)).rejects.toMatchObject({ code: 'disk_full' })
  expect([...runs.keys()]).toEqual([run])
})

test('runs end with the Conductor, and that stands in the log', async () => {
  const willing = await sh('sleep 1000')
  const stubborn = await sh('trap "" TERM; echo ready; while :; do sleep 0.05; done')
  await until(stubborn, 'ready')
  await endRuns(runs, 100)
  expect(store.last(willing)?.body).toMatchObject({ type: 'run.ended', signal: 'SIGTERM' })
  expect(store.last(stubborn)?.body).toMatchObject({ type: 'run.ended', signal: 'SIGKILL' })
  expect([store.open(), runs.size]).toEqual([[], 0])
})

test('runs of a Conductor that was killed are ended at the next start, with what is left of them', async () => {
  const run = await sh('setsid sleep 1000 & echo $!; wait')
  await until(run, '\n')
  const pid = Number(printed(log.read(run, 0).map(({ id, at, body }) => ({ id, at, run, ...body }) as RunEvent)))
  const other = await sh('sleep 1000')
  const live = runs.get(other)
  // As if this process had not started it: the log alone knows.
  await endLostRuns({
    ...store,
    open: () => [run],
    end: (lost, bodies) => void (lost === run && log.append(lost, null, bodies)),
  })
  expect(store.last(run)?.body).toEqual({ type: 'run.ended', status: null, signal: 'SIGKILL', lost: true })
  if (process.platform === 'linux') await vi.waitFor(() => expect(isRunning(pid)).toBe(false))
  expect(live?.child.exitCode).toBeNull()
  expect(live?.child.signalCode).toBeNull()
})

/** A killed orphan is a zombie until its new parent takes notice of it. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}
