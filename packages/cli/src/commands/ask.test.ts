// The command itself, as a process: its streams, its signals, its exit status.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runEvent } from '@spoq/contracts/run'
import { sessionEvent } from '@spoq/contracts/session'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { type OpenAi, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin } from '../testing.ts'

let machine: TestMachine
let model: OpenAi
let laptop: string

beforeAll(async () => {
  machine = await startMachine({ demoPaceMs: 5 })
  model = await startOpenAi([{ pieces: ['It is ', 'fine.'] }])
  laptop = join(machine.folder, 'laptop')
  mkdirSync(laptop)
  writeFileSync(join(laptop, 'a.txt'), 'one\ntwo\nthree\n')
})
afterAll(async () => {
  await machine.stop()
  await model.stop()
})

function start(args: string[], marker = machine.marker) {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, SPOQ_MARKER: marker, SPOQ_DATA_DIR: join(machine.folder, 'data') }
  const child = spawn(process.execPath, [bin, ...args], { cwd: laptop, env, stdio: 'pipe' })
  const seen = { out: '', err: '' }
  child.stdout.on('data', piece => (seen.out += piece))
  child.stderr.on('data', piece => (seen.err += piece))
  child.stdin.on('error', () => {})
  return { child, seen }
}

async function spoq(args: string[], input = '') {
  const { child, seen } = start(args)
  child.stdin.end(input)
  const [status] = await once(child, 'close')
  return { status, ...seen }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

const ended = (child: ChildProcess) => once(child, 'close')

test('a question, a file range, a file in the words and what is piped in reach the model', async () => {
  await spoq(['model', 'use', 'stand-in', '--url', model.url])
  const { status, out } = await spoq(
    ['ask', '-f', 'a.txt:2', 'is', 'the', 'log', 'or', 'the', '@a.txt', 'right?'],
    'a log',
  )
  expect({ status, out }).toEqual({ status: 0, out: 'It is fine.\n' })
  const sent = JSON.stringify(model.asked.at(-1)?.body.messages)
  for (const part of ['is the log or the @a.txt right?', 'a log', 'two', 'three']) expect(sent).toContain(part)
})

test('what is piped in alone is the question; --continue goes on in the same session', async () => {
  const first = await spoq(['ask', '--json', '--model', 'demo'], 'count 3')
  const second = await spoq(['ask', '--json', '--model', 'demo', '--continue', 'count', '4'])
  const [one, two] = [first, second].map(({ out }) => sessionEvent.parse(JSON.parse(out.split('\n')[0] ?? '')))
  expect(two?.session).toBe(one?.session)
  expect(two?.turn).not.toBe(one?.turn)
})

test('a missing file is named and nothing is asked', async () => {
  const before = model.asked.length
  const { status, out, err } = await spoq(['ask', 'why?', '-f', 'nothing.txt'])
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toMatch(/^There is no file nothing\.txt here\.\n.+\n$/)
  expect(model.asked).toHaveLength(before)
})

test.each([
  [['ask'], 'Nothing was asked.'],
  [['ask', '--approve', 'Run Everything', 'why?'], '--approve does not understand "Run Everything".'],
  [['ask', '--modle', 'demo', 'why?'], 'Nonexistent flag: --modle'],
  [['run'], 'No command to run was given.'],
  [['run', '--env', '=', '--', 'true'], 'An --env is not NAME=value.'],
  [['model', 'use', 'no name'], 'That is no name of a model.'],
  [['model', 'use', 'some', '--url', 'ftp://x'], '--url is not an http or https address.'],
  [['model', 'use', 'some', '--url', 'http://127.0.0.1:1/v1', '--key-stdin'], 'No key came on standard input.'],
])('%j is refused with status 2 and one line of why', async (args, why) => {
  const { status, out, err } = await spoq(args)
  expect({ status, out, why: err.split('\n')[0] }).toEqual({ status: 2, out: '', why })
})

test('a turn that needs an approval exits 7; --approve decides beforehand', async () => {
  const waiting = await spoq(['ask', '--model', 'demo', 'run: echo approved'])
  expect(waiting.status).toBe(7)
  expect(waiting.err).toMatch(
    /waits for an approval: run: echo approved\nAnswer it on a terminal: spoq ask --session sess_/,
  )
  const [session = ''] = /sess_\w+/.exec(waiting.err) ?? []
  const denied = await spoq(['ask', '--session', session, '--approve', 'deny'])
  expect(denied.status).toBe(0)
  const allowed = await spoq(['ask', '--model', 'demo', '--approve', 'run(echo *)', 'run: echo approved'])
  expect(allowed.status).toBe(0)
  expect(allowed.out).toContain('approved')
})

test('rules are added, listed, followed and removed; what is none is refused', async () => {
  const added = await spoq(['rule', 'add', '--json', 'run(echo *)'])
  const { id } = JSON.parse(added.out)
  expect((await spoq(['rule', 'list'])).out).toMatch(new RegExp(`allow +run\\(echo \\*\\) +everywhere +${id}`))
  expect((await spoq(['ask', '--model', 'demo', 'run: echo by a rule'])).status).toBe(0)
  expect((await spoq(['ask', '--model', 'demo', '--approve', 'deny', 'run: echo by a rule'])).out).not.toContain(
    'answered',
  )
  expect((await spoq(['rule', 'remove', id])).status).toBe(0)
  expect((await spoq(['rule', 'remove', id])).err).toContain('There is no such rule on this machine.')
  expect((await spoq(['ask', '--model', 'demo', 'run: echo by a rule'])).status).toBe(7)
  expect(JSON.parse((await spoq(['rule', 'list', '--json'])).out)).toEqual({ rules: [] })
  expect(await spoq(['rule', 'add', 'Run Everything'])).toMatchObject({ status: 2 })
})

test('--mode is kept by the session; one that there is not is refused', async () => {
  const planned = await spoq(['ask', '--model', 'demo', '--mode', 'plan', 'run: echo no'])
  expect({ status: planned.status, told: planned.err.includes('plan mode') }).toEqual({ status: 0, told: true })
  expect(await spoq(['ask', '--model', 'demo', '--continue', 'run: echo no'])).toMatchObject({ status: 0 })
  expect(await spoq(['ask', '--mode', 'yolo', 'why?'])).toMatchObject({ status: 2 })
})

test('undo takes back what the agent edited, lists it, and says so when there is nothing', async () => {
  const edits = await startOpenAi([
    // `model use` tries it once.
    { pieces: ['Here.'] },
    { calls: [{ name: 'edit', input: { path: 'made.txt', old: '', new: 'x' } }] },
    { pieces: ['Made.'] },
  ])
  await spoq(['model', 'use', 'stand-in', '--url', edits.url])
  expect(await spoq(['ask', '--mode', 'auto-edit', 'make a file'])).toMatchObject({ status: 0, out: 'Made.\n' })
  const undone = await spoq(['undo'])
  expect(undone).toMatchObject({ status: 0, out: 'removed    made.txt\n' })
  expect(JSON.parse((await spoq(['undo', '--json'])).out)).toMatchObject({
    done: [{ path: 'made.txt', change: 'unchanged' }],
  })
  await edits.stop()
  await spoq(['ask', '--model', 'demo', 'count 2'])
  expect(await spoq(['undo'])).toMatchObject({
    status: 5,
    out: '',
    err: expect.stringContaining('The agent edited nothing'),
  })
  expect(await spoq(['undo', 'nonsense'])).toMatchObject({ status: 4 })
})

test('with --json an error that no event tells is a last line with its code', async () => {
  const { status, out, err } = await spoq(['ask', '--json', '--model', 'demo', 'run: echo no'])
  const lines = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(status).toBe(7)
  expect(lines.at(-1)).toMatchObject({ error: { code: 'approval_needed' } })
  expect(lines.slice(0, -1).map(line => sessionEvent.parse(line).type)).toContain('approval.requested')
  expect(err).toBe('')
})

test('Ctrl-C once stops the turn, says so and exits 130; with --json the last line is the event', async () => {
  const { child, seen } = start(['ask', '--model', 'demo', '--json', 'count 100000'])
  child.stdin.end()
  await until(() => seen.out.includes('text.delta'))
  child.kill('SIGINT')
  expect((await ended(child))[0]).toBe(130)
  expect(JSON.parse(seen.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ type: 'turn.aborted' })

  const plain = start(['ask', '--model', 'demo', 'count 100000'])
  plain.child.stdin.end()
  await until(() => plain.seen.out.includes(' 3'))
  plain.child.kill('SIGINT')
  expect((await ended(plain.child))[0]).toBe(130)
  expect(plain.seen.err).toContain('Stopping the turn. Ctrl-C again leaves at once.\nThe turn was stopped.\n')
})

test('Ctrl-C twice leaves at once, also from a machine that answers nothing any more', async () => {
  const silent = await startSilentMachine()
  const { child, seen } = start(['ask', 'why?'], silent.marker)
  child.stdin.end()
  await until(() => seen.out.includes('Well'))
  child.kill('SIGINT')
  await until(() => seen.err.includes('Ctrl-C again leaves at once.'))
  child.kill('SIGINT')
  expect((await ended(child))[0]).toBe(130)
  expect(seen.err).toContain('Interrupted.\n')
  await silent.stop()
})

/** A machine that hangs after the first word: no end comes, and nothing else is answered. */
async function startSilentMachine() {
  const folder = join(machine.folder, 'silent')
  mkdirSync(folder)
  const ids = { session: 'sess_0123456789abcdef', turn: 'turn_0123456789abcdef' }
  const word = { id: 1, ...ids, at: new Date(0).toISOString(), type: 'text.delta', text: 'Well' }
  const server = createServer((request, response) => {
    if (request.url === '/api/ask') response.writeHead(202).end(JSON.stringify({ ...ids, after: 0 }))
    else if (request.method === 'GET') response.writeHead(200).write(`data: ${JSON.stringify(word)}\n\n`)
  })
  server.listen(join(folder, 'local.sock'))
  await once(server, 'listening')
  const marker = join(folder, 'marker')
  writeFileSync(marker, JSON.stringify({ folder }))
  const stop = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return { marker, stop }
}

test('a reader that has seen enough ends it with 0 and no complaint', async () => {
  const { child, seen } = start(['ask', '--model', 'demo', 'count 100000'])
  child.stdin.end()
  await until(() => seen.out.includes(' 3'))
  child.stdout.destroy()
  expect((await ended(child))[0]).toBe(0)
  expect(seen.err).toBe('· demo model: scripted, not AI\n')
})

test('run passes bytes, arguments and exit status through', async () => {
  const { status, out } = await spoq(
    ['run', '--env', 'A=1', '--', 'sh', '-c', 'cat; echo "$A $1"; exit 9', 'sh', '--json'],
    'in ',
  )
  expect({ status, out }).toEqual({ status: 9, out: 'in 1 --json\n' })
})

test('run --json prints events only', async () => {
  const { status, out } = await spoq(['run', '--json', '--', 'echo', 'hi'])
  expect(status).toBe(0)
  expect(
    out
      .trimEnd()
      .split('\n')
      .map(line => runEvent.parse(JSON.parse(line)).type),
  ).toEqual(['run.started', 'run.output', 'run.ended'])
})

test('a model that does not answer is not chosen', async () => {
  const { status, err } = await spoq(['model', 'use', 'none', '--url', 'http://127.0.0.1:9/v1'])
  expect(status).toBe(9)
  expect(err).toContain('The choice is as it was.')
  expect((await spoq(['model', 'show'])).out).not.toContain('none')
})

test('a model is chosen and shown; its key is said by nobody', async () => {
  const used = await spoq(['model', 'use', 'stand-in', '--url', model.url, '--key-stdin'], 'sk-hush\n')
  expect(used).toEqual({ status: 0, out: `openai-compatible/stand-in at ${model.url}, with a key\n`, err: '' })
  expect(model.asked.at(-1)?.authorization).toBe('Bearer sk-hush')
  const shown = await spoq(['model', 'show', '--json'])
  expect(JSON.parse(shown.out)).toEqual({
    source: 'chosen',
    name: 'openai-compatible/stand-in',
    url: model.url,
    hasKey: true,
  })
  expect((await spoq(['model', 'use', 'demo'])).out).toBe('demo: scripted, not AI\n')
})
