import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import { listRuns, type RunEvent, runEvents, startRun } from '@spoq/contracts/run'
import { ask, type SessionEvent, sessionEvents, showSession } from '@spoq/contracts/session'
import { showStatus, shutdown } from '@spoq/contracts/status'
import { folderHolder } from '@spoq/kit/folder-lock'
import { socketPath } from '@spoq/kit/socket-path'
import { expect, onTestFinished, test } from 'vitest'
import { closeServer, listenOnPort } from './http/listen.ts'
import { machineFolder, overLocal, readTurn, startMachine, textOf, types } from './testing/machine.ts'

const main = join(import.meta.dirname, 'main.ts')

/** The Conductor as a process of its own, once it says that it is ready. */
async function startProcess(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, '--folder', folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('"ready"')) break
  return child
}

async function ended(child: ChildProcess): Promise<{ status: number | null; said: string }> {
  let said = ''
  child.stderr?.on('data', data => (said += data))
  const [status] = await once(child, 'close')
  return { status, said }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const edge = { host: '127.0.0.1', port: 0 }

test('killed in the middle of a turn, the next start has every event that a reader was given, and says what happened', async () => {
  const folder = machineFolder()
  const child = await startProcess(folder)
  const target = overLocal(socketPath(folder, 'local.sock'))
  const asked = await call(target, ask, { body: { question: 'count 100000', model: 'demo' } })
  const seen: SessionEvent[] = []
  const isLast = ({ id }: SessionEvent) => id === 30
  for await (const event of follow(target, sessionEvents, { params: asked, query: { turn: asked.turn }, isLast }))
    seen.push(event)
  await kill(child)

  const again = overLocal((await startMachine(folder)).socket)
  const all = await readTurn(again, asked)
  expect(all.slice(0, seen.length)).toEqual(seen)
  expect(all.map(({ id }) => id)).toEqual(all.map((_, index) => index + 1))
  expect(all.at(-1)).toMatchObject({ type: 'turn.error', code: 'turn_interrupted' })
  expect(types(all).filter(type => type.startsWith('turn.'))).toEqual(['turn.queued', 'turn.started', 'turn.error'])
  expect(await call(again, showSession, { params: asked })).toMatchObject({ state: 'idle' })
})

test('a question queued behind a turn that was killed is answered by the next start', async () => {
  const folder = machineFolder()
  const child = await startProcess(folder)
  const target = overLocal(socketPath(folder, 'local.sock'))
  const first = await call(target, ask, { body: { question: 'count 100000', model: 'demo' } })
  const body = { question: 'count 3', model: 'demo', session: first.session }
  const second = await call(target, ask, { body })
  await kill(child)

  const events = await readTurn(overLocal((await startMachine(folder)).socket), second)
  expect(textOf(events.filter(({ turn }) => turn === second.turn))).toBe('[demo: scripted, not AI] 1 2 3')
})

test('a run of a Conductor that was killed is in the list as lost, with what it printed', async () => {
  const folder = machineFolder()
  const child = await startProcess(folder)
  const target = overLocal(socketPath(folder, 'local.sock'))
  const { run } = await call(target, startRun, { body: { command: ['sh', '-c', 'echo before; sleep 1000'] } })
  const isOutput = ({ type }: RunEvent) => type === 'run.output'
  for await (const _ of follow(target, runEvents, { params: { run }, isLast: isOutput }));
  await kill(child)

  const again = overLocal((await startMachine(folder)).socket)
  const { runs } = await call(again, listRuns)
  expect(runs).toMatchObject([{ id: run, state: 'lost', status: null, bytes: 7, endedAt: expect.any(String) }])
  const types: string[] = []
  const isLast = ({ type }: RunEvent) => type === 'run.ended'
  for await (const event of follow(again, runEvents, { params: { run }, isLast })) types.push(event.type)
  expect(types).toEqual(['run.started', 'run.output', 'run.ended'])
})

test('a second Conductor on the folder is refused in one line with status 5, and the first goes on', async () => {
  const folder = machineFolder()
  const { socket } = await startMachine(folder)
  const child = spawn(process.execPath, [main, '--folder', folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  const { status, said } = await ended(child)
  expect(status).toBe(5)
  expect(said).toContain(`is in use by process ${process.pid}`)
  expect(said).not.toContain('    at ')
  expect((await call(overLocal(socket), showStatus)).turns).toBe(0)
})

test.each<[string, string | null, RegExp]>([
  ['missing', null, /conductor\.json: it cannot be read\./],
  ['not JSON', '{', /conductor\.json: it is not JSON\./],
  ['of another form', '{"machine":"x"}', /conductor\.json: machine /],
])('a configuration that is %s is told in one line with status 2', async (_, text, line) => {
  const folder = text === null ? join(machineFolder(), 'empty') : machineFolder()
  if (text !== null) writeFileSync(join(folder, 'conductor.json'), text)
  const child = spawn(process.execPath, [main, '--folder', folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  const { status, said } = await ended(child)
  expect(status).toBe(2)
  expect(said).toMatch(line)
  expect(said).not.toContain('    at ')
  expect(folderHolder(folder)).toBeNull()
})

test('SIGTERM and the shutdown route end it in good order: status 0, sockets and lock gone', async () => {
  for (const end of ['SIGTERM', 'route'] as const) {
    const folder = machineFolder({ edge })
    const child = await startProcess(folder)
    const socket = socketPath(folder, 'local.sock')
    if (end === 'SIGTERM') child.kill('SIGTERM')
    else await call(overLocal(socket), shutdown)
    expect((await ended(child)).status).toBe(0)
    expect(folderHolder(folder)).toBeNull()
    expect(existsSync(socket)).toBe(false)
  }
})

test('the holder of the lock tells the address that the status tells', async () => {
  const folder = machineFolder({ edge })
  const { endpoint, socket } = await startMachine(folder)
  expect(folderHolder(folder)).toEqual({ pid: process.pid, address: endpoint })
  expect(await call(overLocal(socket), showStatus)).toMatchObject({ endpoint, isolation: 'none', turns: 0 })
})

test('the edge keeps its port over restarts, and takes another when that is taken', async () => {
  const folder = machineFolder({ edge })
  const first = await startMachine(folder)
  await first.stop()
  const second = await startMachine(folder)
  expect(second.endpoint).toBe(first.endpoint)
  await second.stop()

  const other = createServer()
  await listenOnPort(other, '127.0.0.1', Number(new URL(String(first.endpoint)).port))
  onTestFinished(() => closeServer(other))
  const third = await startMachine(folder)
  expect(third.endpoint).not.toBe(first.endpoint)
  expect((await fetch(`${third.endpoint}/health`)).status).toBe(200)
})

test('a fixed port that is taken is told, and the folder is free again', async () => {
  const other = createServer()
  const port = await listenOnPort(other, '127.0.0.1', 0)
  onTestFinished(() => closeServer(other))
  const folder = machineFolder({ edge: { host: '127.0.0.1', port } })
  await expect(startMachine(folder)).rejects.toMatchObject({
    code: 'port_taken',
    message: `Port ${port} is taken by another program.`,
  })
  expect(folderHolder(folder)).toBeNull()
})

test('its sockets are open to this user alone, and a stale one is replaced', async () => {
  const folder = machineFolder()
  await kill(await startProcess(folder))
  const path = socketPath(folder, 'local.sock')
  expect(existsSync(path)).toBe(true)
  const { socket } = await startMachine(folder)
  expect(socket).toBe(path)
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(socket)).mode & 0o077).toBe(0)
})

test("an edge on a socket has no address, and its folder's group may open it, as a proxy does", async () => {
  const folder = machineFolder()
  const config = JSON.parse(readFileSync(join(folder, 'conductor.json'), 'utf8'))
  const path = join(folder, 'edge.sock')
  writeFileSync(join(folder, 'conductor.json'), JSON.stringify({ ...config, edge: { socket: path } }))
  const { endpoint } = await startMachine(folder)
  expect(endpoint).toBeNull()
  const edgeTarget = overLocal(path)
  await expect(call(edgeTarget, showStatus)).rejects.toMatchObject({ code: 'not_signed_in' })
  expect(statSync(path).mode & 0o777).toBe(0o660)
})
