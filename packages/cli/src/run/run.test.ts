import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '@spoq/client/target'
import { runEvent } from '@spoq/contracts/run'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from './run.ts'

let machine: TestMachine

beforeAll(async () => {
  machine = await startMachine()
  mkdirSync(join(machine.workspace, 'app'))
})
afterAll(() => machine.stop())

interface Given {
  target?: Target
  input?: Readable
  json?: boolean
  directory?: string
  environment?: Record<string, string>
}

function start(command: string[], { target, input, json, ...more }: Given = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  stdout.on('data', piece => out.push(piece))
  stderr.on('data', piece => err.push(piece))
  let pressed = () => {}
  const running = {
    target: target ?? machine.target,
    input: input ?? null,
    stdout,
    stderr,
    json: json ?? false,
    interrupts: (listener: () => void) => {
      pressed = listener
      return () => {}
    },
  }
  return {
    status: runCommand(running, { command, ...more }),
    stdout,
    out: () => Buffer.concat(out),
    err: () => String(Buffer.concat(err)),
    ctrlC: () => pressed(),
    shows: async (text: string) => {
      while (!String(Buffer.concat(out)).includes(text)) await sleep(5)
    },
  }
}

const oneMegabyte = () => randomBytes(1 << 20)
const inPieces = (bytes: Buffer) =>
  Readable.from(Array.from({ length: 17 }, (_, i) => bytes.subarray(i * 65_000, (i + 1) * 65_000)))

test('a megabyte of any bytes goes in and comes out exactly', async () => {
  const bytes = oneMegabyte()
  const run = start(['cat'], { input: inPieces(bytes) })
  expect(await run.status).toBe(0)
  expect(run.out().equals(bytes)).toBe(true)
})

// Catches input that is taken twice, or lost, when an answer is; and output that is shown twice.
test('over a connection that is lost again and again the bytes are still exact', async () => {
  const bytes = oneMegabyte()
  const target = await machine.shaky(300_000)
  const run = start(['cat'], { input: inPieces(bytes), target })
  expect(await run.status).toBe(0)
  expect(run.out().equals(bytes)).toBe(true)
  expect(target.cuts()).toBeGreaterThan(2)
})

test('output and errors come on their own streams, with the exit status of the command', async () => {
  const run = start(['sh', '-c', 'echo out; echo err >&2; exit 7'])
  expect(await run.status).toBe(7)
  expect(String(run.out())).toBe('out\n')
  expect(run.err()).toBe('err\n')
})

test('a command that a signal ended answers 128 and the number of it', async () => {
  expect(await start(['sh', '-c', 'kill -TERM $$']).status).toBe(143)
})

test('arguments, variables and the folder arrive as they were given', async () => {
  const command = ['sh', '-c', 'printf "%s|" "$@" "$NAME"; basename "$PWD"', 'sh', 'a b', '', '--json', '$HOME', "'"]
  const run = start(command, { directory: 'app', environment: { NAME: 'x=1\ny' } })
  expect(await run.status).toBe(0)
  expect(String(run.out())).toBe("a b||--json|$HOME|'|x=1\ny|app\n")
})

test('without input the command reads an empty one', async () => {
  const run = start(['cat'])
  expect(await run.status).toBe(0)
  expect(run.out()).toHaveLength(0)
})

test('a command that ends before its input does ends the run', async () => {
  const endless = new Readable({ read: size => void endless.push(Buffer.alloc(size)) })
  expect(await start(['head', '-c', '10'], { input: endless }).status).toBe(0)
  expect(endless.destroyed).toBe(true)
})

test('Ctrl-C once is SIGINT for the command, which may end as it likes', async () => {
  const run = start(['sh', '-c', 'trap "echo bye; exit 3" INT; echo ready; while :; do sleep 0.05; done'])
  await run.shows('ready')
  run.ctrlC()
  expect(await run.status).toBe(3)
  expect(String(run.out())).toBe('ready\nbye\n')
})

test('Ctrl-C twice kills it and leaves', async () => {
  const run = start(['sh', '-c', 'trap "" INT; echo ready $$; while :; do sleep 0.05; done'])
  await run.shows('\n')
  run.ctrlC()
  run.ctrlC()
  await expect(run.status).rejects.toMatchObject({ code: 'interrupted', exit: 130 })
})

test('a reader that goes away ends it quietly', async () => {
  const run = start(['yes'])
  await run.shows('y\n')
  run.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  expect(await run.status).toBe(0)
})

test('with --json every line is an event of the contracts', async () => {
  const run = start(['sh', '-c', 'echo hi; exit 2'], { json: true })
  expect(await run.status).toBe(2)
  const events = String(run.out())
    .trimEnd()
    .split('\n')
    .map(line => runEvent.parse(JSON.parse(line)))
  expect(events.at(0)).toMatchObject({ id: 1, type: 'run.started' })
  expect(events.at(-1)).toMatchObject({ type: 'run.ended', status: 2, signal: null })
})

test('a command that the machine does not have is a mistake of the caller', async () => {
  await expect(start(['no-such-command']).status).rejects.toMatchObject({ code: 'command_not_found', exit: 2 })
})
