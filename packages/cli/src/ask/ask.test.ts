import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import type { Target } from '@spoq/client/target'
import { abortTurn, answerApproval, listSessions, sessionEvent, showSession } from '@spoq/contracts/session'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { turnLines } from '../render/turn-lines.ts'
import { turnText } from '../render/turn-text.ts'
import { askQuestion } from './ask.ts'
import type { Decide } from './context.ts'
import { laptopFiles } from './laptop-files.ts'
import { lastSession, rejoin } from './rejoin.ts'

let machine: TestMachine
let laptop: string

beforeAll(async () => {
  machine = await startMachine({ demoPaceMs: 1 })
  laptop = mkdtempSync(join(tmpdir(), 'spoq-laptop-'))
  writeFileSync(join(laptop, 'README.md'), '# Teapot\n\nPours tea.\n')
})
afterAll(async () => {
  await machine.stop()
  rmSync(laptop, { recursive: true })
})

/** Somebody at a computer: what they see, what they decide, and their Ctrl-C. */
function person({ target, decide, json }: { target?: Target; decide?: Decide; json?: boolean } = {}) {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const seen = { out: '', err: '' }
  stdout.on('data', piece => (seen.out += piece))
  stderr.on('data', piece => (seen.err += piece))
  let pressed = () => {}
  const screen = { stdout, stderr }
  const context = {
    target: target ?? machine.target,
    view: json ? turnLines(screen) : turnText(screen),
    decide: decide ?? null,
    interrupts: (listener: () => void) => {
      pressed = listener
      return () => {}
    },
    comeBack: (session: string) => `spoq ask --session ${session}`,
  }
  return {
    context,
    seen,
    stdout,
    ctrlC: () => pressed(),
    shows: (text: string) => until(() => seen.out.includes(text)),
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

const demo = (question: string) => ({ question, model: 'demo' })
const counted = (to: number) => Array.from({ length: to }, (_, index) => ` ${index + 1}`).join('')

test('a question whose answer is lost is sent again, and asked once', async () => {
  const { sessions: before } = await call(machine.target, listSessions)
  const lossy = await losingFirst(machine.socket, join(laptop, 'lossy.sock'))
  const { context, seen } = person({ target: { ...machine.target, dispatcher: overSocket(lossy.path) } })
  expect(await askQuestion(context, demo('count 3'), null)).toBeNull()
  expect(seen.out).toBe('[demo: scripted, not AI] 1 2 3\n')
  expect(lossy.lost()).toBe(1)
  expect((await call(machine.target, listSessions)).sessions).toHaveLength(before.length + 1)
  await lossy.stop()
})

/** Passes everything on, but for the first answer: that one is lost with its connection. */
async function losingFirst(to: string, path: string) {
  let lost = 0
  const open = new Set<Socket>()
  const server = createServer(client => {
    const machine = connect(to)
    for (const socket of [client, machine]) open.add(socket.on('error', () => {}))
    client.pipe(machine)
    machine.on('data', piece => {
      if (lost > 0) return client.write(piece)
      lost += 1
      return client.destroy()
    })
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  const stop = async () => {
    for (const socket of open) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
  return { path, lost: () => lost, stop }
}

test('an answer uses the files of the folder it was asked in, and tells what was looked at', async () => {
  const { context, seen } = person({ decide: async () => ({ decision: 'allow' }) })
  const question = { ...demo('what is this project?'), client: { directory: laptop } }
  expect(await askQuestion(context, question, laptopFiles(laptop))).toBeNull()
  expect(seen.out).toContain('README.md')
  expect(seen.out).toContain('Teapot')
  expect(seen.err).toContain('· demo model: scripted, not AI')
  expect(seen.err).toMatch(/· read.*README\.md/)
})

test('over a connection that is lost again and again every word comes once and in order', async () => {
  const target = await machine.shaky(2_000)
  const { context, seen } = person({ target })
  expect(await askQuestion(context, demo('count 1500'), null)).toBeNull()
  expect(seen.out).toContain(counted(1500))
  expect(target.cuts()).toBeGreaterThan(1)
})

test('with --json every line is an event of the contracts, ids rising, from the first to the last of the turn', async () => {
  const { context, seen } = person({ json: true })
  await askQuestion(context, demo('count 20'), null)
  const events = seen.out
    .trimEnd()
    .split('\n')
    .map(line => sessionEvent.parse(JSON.parse(line)))
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1))
  expect(events.at(0)?.type).toBe('turn.queued')
  expect(events.at(-1)?.type).toBe('turn.done')
  expect(seen.err).toBe('')
})

test('an approval is put to the person with the whole command; allowed, the turn goes on', async () => {
  const titles: string[] = []
  const decide: Decide = async ({ title }) => {
    titles.push(title)
    return { decision: 'allow' }
  }
  const { context, seen } = person({ decide })
  expect(await askQuestion(context, demo('run: echo one && echo two'), null)).toBeNull()
  expect(titles).toEqual([expect.stringContaining('echo one && echo two')])
  expect(seen.out).toMatch(/one\s+two/)
})

test('denied, the command does not run', async () => {
  const { context } = person({ decide: async () => ({ decision: 'deny' }) })
  await askQuestion(context, demo('run: touch was-run'), null)
  expect(await laptopFiles(machine.workspace)('glob', { pattern: '*' })).not.toContain('was-run')
})

test('without a terminal it says which session waits and how to answer; another device joins and answers', async () => {
  const ci = person()
  const asking = askQuestion(ci.context, demo('run: echo handed over'), null)
  await expect(asking).rejects.toMatchObject({
    code: 'approval_needed',
    exit: 7,
    message: expect.stringMatching(/sess_/),
  })
  const session = await lastSession(machine.target)
  await expect(asking).rejects.toMatchObject({ next: expect.stringContaining(`spoq ask --session ${session}`) })
  expect(await call(machine.target, showSession, { params: { session } })).toMatchObject({ state: 'waiting' })

  const phone = person({ decide: async () => ({ decision: 'allow' }) })
  expect(await rejoin(phone.context, session)).toBeNull()
  expect(phone.seen.out).toContain('handed over')

  const later = person({ decide: () => Promise.reject(new Error('asked about what was answered long ago')) })
  expect(await rejoin(later.context, session)).toBeNull()
  expect(later.seen.out).toBe(phone.seen.out)
})

test('a question behind a turn that waits says so, and is answered once that one is decided', async () => {
  await expect(askQuestion(person().context, demo('run: echo first'), null)).rejects.toThrow(/waits for an approval/)
  const session = await lastSession(machine.target)
  const behind = person()
  const asking = askQuestion(behind.context, { ...demo('count 3'), session }, null)
  await until(() => behind.seen.err.includes(`Answer it: spoq ask --session ${session}`))
  const phone = person({ decide: async () => ({ decision: 'allow' }) })
  expect(await rejoin(phone.context, session)).toBeNull()
  expect(await asking).toBeNull()
  expect(behind.seen.out).toContain(counted(3))
  expect(phone.seen.out).toContain('first')
})

test('answered on another device, the question on this one goes away', async () => {
  const wasAsked = Promise.withResolvers<void>()
  const decide: Decide = (_, signal) => {
    wasAsked.resolve()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const here = person({ decide })
  const asking = askQuestion(here.context, demo('run: echo from the phone'), null)
  await wasAsked.promise
  const session = await lastSession(machine.target)
  const phone = person({ decide: async () => ({ decision: 'allow' }) })
  await rejoin(phone.context, session)
  expect(await asking).toBeNull()
  expect(here.seen.out).toContain('from the phone')
})

test('a second answer to one approval is no failure', async () => {
  const decide: Decide = async () => {
    const session = await lastSession(machine.target)
    const approval = /"approval":"([^"]+)"/.exec(json.seen.out)?.[1] ?? ''
    await call(machine.target, answerApproval, { params: { session, approval }, body: { decision: 'deny' } })
    return { decision: 'allow' }
  }
  const json = person({ decide, json: true })
  const asking = askQuestion(json.context, demo('run: echo twice'), null)
  expect(await asking).toBeNull()
})

test('Ctrl-C once stops the turn and says so', async () => {
  const { context, seen, ctrlC, shows } = person()
  const asking = askQuestion(context, demo('count 100000'), null)
  await shows(' 20')
  ctrlC()
  expect(await asking).toMatchObject({ code: 'turn_aborted', exit: 130 })
  expect(seen.err).toContain('Stopping the turn. Ctrl-C again leaves at once.')
  const { sessions } = await call(machine.target, listSessions, { query: { limit: 1 } })
  expect(sessions[0]).toMatchObject({ state: 'idle' })
})

test('Ctrl-C at the question about an approval stops the turn too', async () => {
  const decide: Decide = () => Promise.reject(Object.assign(new Error('closed'), { name: 'ExitPromptError' }))
  const { context } = person({ decide })
  expect(await askQuestion(context, demo('run: echo no'), null)).toMatchObject({ code: 'turn_aborted' })
})

test('Ctrl-C twice leaves at once, whatever the machine answers', async () => {
  const { context, ctrlC, shows } = person()
  const asking = askQuestion(context, demo('count 100000'), null)
  await shows(' 20')
  ctrlC()
  ctrlC()
  await expect(asking).rejects.toMatchObject({ code: 'interrupted', exit: 130 })
})

test('a reader that goes away ends it quietly, and the turn goes on', async () => {
  const { context, stdout, shows } = person()
  const asking = askQuestion(context, demo('count 100000'), null)
  await shows(' 20')
  stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  expect(await asking).toBeNull()
  const session = await lastSession(machine.target)
  expect(await call(machine.target, showSession, { params: { session } })).toMatchObject({ state: 'running' })
  await call(machine.target, abortTurn, { params: { session } })
})

test('joining a session with a running turn shows it from its beginning', async () => {
  const first = person()
  const asking = askQuestion(first.context, demo('count 500'), null)
  await first.shows(' 20')
  const second = person()
  expect(await rejoin(second.context, await lastSession(machine.target))).toBeNull()
  await asking
  expect(second.seen.out).toContain(counted(500))
})

test('what a model says cannot command the terminal', async () => {
  const evil = '\u001b]52;c;cm0gLXJmIC8=\u0007\u001b[2Jgone\u009b1A'
  const reply = await answered([{ pieces: [...evil, ' end'] }])
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(reply.seen.out + reply.seen.err).not.toMatch(/[\u001b\u0007\u009b]/)
  expect(reply.seen.out).toContain('gone')
})

test('an answer that is cut off is shown as far as it came, and told with its code', async () => {
  const reply = await answered([{ pieces: ['half an ans'], cut: true }])
  expect(reply.failure).toMatchObject({ exit: 9, next: expect.stringContaining('--continue') })
  expect(reply.seen.out).toBe('half an ans\n')
})

/** One question to a machine whose model answers by a script. */
async function answered(script: Reply[]) {
  const model = await startOpenAi(script)
  const other = await startMachine({ endpoints: [model.url], retries: 0 })
  try {
    const { context, seen } = person({ target: other.target })
    return { failure: await askQuestion(context, { question: 'why?' }, null), seen }
  } finally {
    await other.stop()
    await model.stop()
  }
}

test('a machine that is not there is told as such, at once', async () => {
  const gone = await startMachine()
  await gone.stop()
  await expect(askQuestion(person({ target: gone.target }).context, demo('hello'), null)).rejects.toMatchObject({
    code: 'machine_unreachable',
    exit: 6,
  })
})

test('a session that does not exist is told as such', async () => {
  await expect(rejoin(person().context, 'sess_00000000000000000000')).rejects.toMatchObject({
    code: 'session_not_found',
  })
})

test('the laptop keeps back secrets and all outside of its folder, and tells nothing of itself', async () => {
  writeFileSync(join(laptop, '.env'), 'TOKEN=hush')
  const files = laptopFiles(laptop)
  await expect(files('read', { path: '.env' })).rejects.toThrow(/kept back/)
  await expect(files('read', { path: '../../etc/passwd' })).rejects.toThrow(/leads out/)
  await expect(files('read', { path: 7 })).rejects.toThrow('This computer could not do that.')
  expect(await files('grep', { pattern: 'hush' })).toBe('[no line matches]')
  expect(await files('grep', { pattern: 'Pours' })).toBe('README.md:3: Pours tea.')
})
