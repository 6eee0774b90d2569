// The session commands as processes, against a real machine.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { ask, type SessionEvent, sessionEvent } from '@spoq/contracts/session'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { type OpenAi, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin } from '../../testing.ts'

let machine: TestMachine
let model: OpenAi
let ids: string[]

beforeAll(async () => {
  machine = await startMachine({ demoPaceMs: 2 })
  model = await startOpenAi([{ pieces: ['Yes.'] }, { pieces: ['Look at ', 'the `lock`.\n\u001b[2J'] }])
  await spoq(['model', 'use', 'stand-in', '--url', model.url])
  const first = await asked(['why does it hang?\nsince today'])
  const second = await asked(['--model', 'demo', 'count 3'])
  ids = [first, second]
})
afterAll(async () => {
  await machine.stop()
  await model.stop()
})

async function spoq(args: string[], input = '') {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, SPOQ_MARKER: machine.marker, SPOQ_DATA_DIR: join(machine.folder, 'data') }
  const child = spawn(process.execPath, [bin, ...args], { cwd: machine.folder, env, stdio: 'pipe' })
  const seen = { out: '', err: '' }
  child.stdout.on('data', piece => (seen.out += piece))
  child.stderr.on('data', piece => (seen.err += piece))
  child.stdin.on('error', () => {}).end(input)
  const [status] = await once(child, 'close')
  return { status, ...seen }
}

const lines = (out: string) => out.trimEnd().split('\n')
const events = (out: string): SessionEvent[] => lines(out).map(line => sessionEvent.parse(JSON.parse(line)))

/** Asks, and answers the session. */
async function asked(args: string[]): Promise<string> {
  return events((await spoq(['ask', '--json', ...args])).out)[0]?.session ?? ''
}

test('list shows the sessions, the one used last first', async () => {
  const { out } = await spoq(['session', 'list'])
  const [head, first, second, ...more] = lines(out)
  expect(head).toMatch(/^ID +STATE +USED +MACHINE +TITLE$/)
  expect(first).toMatch(new RegExp(`^${ids[1]?.slice(0, 11)} .*idle .*s ago .*count 3$`))
  expect(second).toContain('why does it hang?')
  expect(more).toEqual([])
  const { sessions } = JSON.parse((await spoq(['session', 'list', '--limit', '1', '--json'])).out)
  expect(sessions.map(({ id }: { id: string }) => id)).toEqual([ids[1]])
})

test('show prints question and answer, without what commands a terminal', async () => {
  const { status, out, err } = await spoq(['session', 'show', ids[0] ?? ''])
  expect({ status, out, err }).toEqual({
    status: 0,
    out: '> why does it hang?\n> since today\nLook at the `lock`.\n[2J\n',
    err: '',
  })
})

test('show takes the beginning of an id, with or without its kind, and --last', async () => {
  const whole = await spoq(['session', 'show', ids[1] ?? ''])
  expect(whole.out).toBe('> count 3\n· demo model: scripted, not AI\n[demo: scripted, not AI] 1 2 3\n')
  for (const words of [[ids[1]?.slice(0, 12) ?? ''], [ids[1]?.slice(5, 13) ?? ''], ['--last']])
    expect(await spoq(['session', 'show', ...words])).toEqual(whole)
})

test('show --json prints the events', async () => {
  const { out } = await spoq(['session', 'show', '--last', '--json'])
  expect(events(out).map(({ id }) => id)).toEqual(events(out).map((_, index) => index + 1))
  expect(events(out).at(-1)?.type).toBe('turn.done')
})

test.each([
  [['session', 'show'], 2, 'Which session?'],
  [['session', 'show', 'sess_0000', '--last'], 2, 'Which session?'],
  [['session', 'show', 'zzzz'], 4, 'There is no session zzzz on this machine.'],
  [['session', 'show', '../../x'], 4, 'There is no session ../../x on this machine.'],
  [['session', 'export', 'zzzz'], 4, 'There is no session zzzz on this machine.'],
  [['session', 'delete', 'zzzz', '--yes'], 4, 'There is no session zzzz on this machine.'],
  [['ask', '--session', 'zzzz', 'why?'], 4, 'There is no session zzzz on this machine.'],
])('%j ends with %i and says why', async (args, status, why) => {
  const ran = await spoq(args)
  expect({ status: ran.status, why: lines(ran.err)[0] }).toEqual({ status, why })
})

test('a beginning that several share is refused by name', async () => {
  const others: string[] = []
  const sharing = () => {
    const all = [...ids, ...others].map(id => id.slice(0, 7))
    return all.find((prefix, index) => all.indexOf(prefix) !== index)
  }
  // 256 beginnings of two characters: some pair comes soon.
  while (!sharing())
    others.push((await call(machine.target, ask, { body: { question: 'count 1', model: 'demo' } })).session)
  const { status, err } = await spoq(['session', 'show', sharing() ?? ''])
  expect(status).toBe(2)
  expect(err).toMatch(/^Several sessions begin with sess_..: sess_\w{20}, sess_\w{20}.*\nGive more of the id\.\n$/)
  for (const id of others) await spoq(['session', 'delete', id, '--yes', '--force'])
})

test('search finds words of questions and answers, and says where', async () => {
  const { out } = await spoq(['session', 'search', 'LOCK'])
  expect(lines(out)).toEqual([
    `${ids[0]?.slice(0, 11)}  why does it hang?`,
    expect.stringMatching(/^ {2}answer, \d+ \w+ ago: Look at the `lock`\. \[2J$/),
  ])
  expect((await spoq(['session', 'search', 'nothing', 'like', 'it'])).out).toBe('Nothing was found.\n')
  const { matches } = JSON.parse((await spoq(['session', 'search', '--json', 'hang'])).out)
  expect(matches).toMatchObject([{ session: ids[0], part: 'question' }])
})

test('export as Markdown is a page; as json it is everything, in a file of this user alone', async () => {
  const page = (await spoq(['session', 'export', ids[0] ?? ''])).out
  expect(page).toMatch(
    /^# why does it hang\?\n\nSession `sess_\w+`, begun .*\.\n\n## .*Z\n\n> why does it hang\?\n> since today\n\nLook at the `lock`\.\n/,
  )
  const file = join(machine.folder, 'one.json')
  const { out } = await spoq(['session', 'export', ids[0] ?? '', '--format', 'json', '-o', file])
  expect(out).toBe(`${file}: one session.\n`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const kept = JSON.parse(readFileSync(file, 'utf8'))
  expect(kept).toMatchObject({ format: 'spoq-sessions-1', sessions: [{ session: { id: ids[0] } }] })
  const types = kept.sessions[0].events.map(({ body }: { body: { type: string } }) => body.type)
  expect(types.at(0)).toBe('turn.queued')
  expect(types.at(-1)).toBe('turn.done')
  expect(await spoq(['session', 'export', ids[0] ?? '', '--json'])).toMatchObject({ out: readFileSync(file, 'utf8') })
})

test('export all has every session, and a file that cannot be made is told and leaves nothing', async () => {
  const all = JSON.parse((await spoq(['session', 'export', 'all', '--format', 'json'])).out)
  expect(all.sessions.map(({ session }: { session: { id: string } }) => session.id).sort()).toEqual([...ids].sort())
  const nowhere = join(machine.folder, 'none/x.md')
  expect((await spoq(['session', 'export', 'all', '-o', nowhere])).status).not.toBe(0)
  expect(existsSync(nowhere)).toBe(false)
})

test('delete asks, and without a terminal names the flag; then the session is gone', async () => {
  const id = await asked(['--model', 'demo', 'count 2'])
  const refused = await spoq(['session', 'delete', id])
  expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('Say it with --yes.') })
  expect(await spoq(['session', 'delete', id, '--yes'])).toEqual({ status: 0, out: 'It is deleted.\n', err: '' })
  expect((await spoq(['session', 'show', id])).status).toBe(4)
  expect((await spoq(['ask', '--session', id, 'again?'])).status).toBe(4)
})

test('a session whose turn runs is deleted by force only', async () => {
  const { session } = await call(machine.target, ask, { body: { question: 'count 100000', model: 'demo' } })
  const refused = await spoq(['session', 'delete', session, '--yes'])
  expect(refused).toMatchObject({ status: 5, err: expect.stringContaining('--force') })
  expect((await spoq(['session', 'show', session])).out).toContain('· the turn is still running')
  expect((await spoq(['session', 'delete', session, '--yes', '--force'])).status).toBe(0)
})
