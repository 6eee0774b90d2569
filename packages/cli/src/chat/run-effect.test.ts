import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '@spoq/client/target'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { laptopFiles } from '../ask/laptop-files.ts'
import { type Message, reduce } from './reduce.ts'
import { outgoing } from './run-effect.ts'
import { type State, startState } from './state.ts'
import { transcriptText, typed } from './testing.ts'

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

/** A chat without its screen. */
function chat(target: Target = machine.target) {
  const files = laptopFiles(laptop)
  const size = { columns: 80, rows: 24 }
  let state: State = startState({ bin: 'spoq', machine: 'box', model: 'demo', mode: null, size, now: 0 })
  const messages: Message[] = []
  function send(message: Message): void {
    messages.push(message)
    // A day between two messages: no approval is too fresh for a key.
    const step = reduce(state, message, state.now + 86_400_000)
    state = step.state
    for (const effect of step.effects)
      if (effect.do !== 'leave' && effect.do !== 'redraw' && effect.do !== 'suspend') machineSide.run(effect)
  }
  const machineSide = outgoing({ target, directory: laptop, files, send })
  onTestFinished(() => machineSide.end())
  const line = (text: string) =>
    [...typed(text), { type: 'key' as const, key: { name: 'enter' as const } }].forEach(send)
  const until = async (holds: (state: State) => boolean) => {
    while (!holds(state)) await sleep(5)
    return state
  }
  const idle = () =>
    until(({ turn, sending, queued, lastEvent }) => !turn && lastEvent > 0 && sending.length + queued.length === 0)
  return {
    send,
    line,
    until,
    idle,
    messages,
    open: machineSide.open,
    run: machineSide.run,
    session: machineSide.session,
  }
}

test('the agent looks at the files below the folder of the chat', async () => {
  const { line, idle, until, send } = chat()
  line('what is this project?')
  await until(({ approvals }) => approvals.length > 0)
  typed('n').forEach(send)
  expect(transcriptText(await idle())).toContain('Teapot')
})

test('questions that are sent together go to one session, one after the other', async () => {
  const { line, idle, messages } = chat()
  for (const count of [3, 2, 1]) line(`count ${count}`)
  const text = transcriptText(await idle())
  expect(text.match(/count \d/g)).toEqual(['count 3', 'count 2', 'count 1'])
  expect(messages.filter(({ type }) => type === 'opened')).toHaveLength(1)
})

test('over a connection that is lost again and again every word comes once and in order, and the loss is said', async () => {
  const target = await machine.shaky(3_000)
  const { line, idle, messages } = chat(target)
  line('count 600')
  const numbers = Array.from({ length: 600 }, (_, index) => ` ${index + 1}`).join('')
  expect(transcriptText(await idle())).toContain(numbers)
  expect(target.cuts()).toBeGreaterThan(1)
  expect(messages).toContainEqual(expect.objectContaining({ type: 'connection', connection: 'away' }))
})

test('who answers an approval second is told that it came too late', async () => {
  const first = chat()
  first.line('run: echo contested')
  const { approvals } = await first.until(state => state.approvals.length > 0)
  const approval = approvals[0]?.approval ?? ''
  const second = chat()
  await second.open(first.session() ?? '')
  await second.until(state => state.approvals.length > 0)
  typed('y').forEach(second.send)
  await second.idle()
  first.run({ do: 'answer', approval, decision: 'deny', scope: 'once' })
  await first.until(state => transcriptText(state).includes('Your answer came too late'))
  expect(transcriptText(await first.idle())).toContain('Allowed by the machine itself: run: echo contested')
})

test('a session that is opened is there from its first word, and another one of that name is not', async () => {
  const one = chat()
  one.line('count 5')
  const text = transcriptText(await one.idle())
  const two = chat()
  await two.open(one.session() ?? '')
  expect(transcriptText(await two.idle())).toBe(text)
  await expect(two.open('sess_00000000000000000000')).rejects.toMatchObject({ code: 'session_not_found' })
})

test('/compact says when there is nothing to gain, and when there is nothing at all', async () => {
  const { line, idle, until } = chat()
  line('/compact')
  await until(state => transcriptText(state).includes('There is nothing to summarise yet.'))
  line('count 2')
  await idle()
  line('/compact')
  await until(state => transcriptText(state).includes('There is nothing to gain yet.'))
})

test('/compact summarises, which is said', async () => {
  const { line, idle, until } = chat()
  line('count 2000')
  await idle()
  line('/compact')
  await until(state => transcriptText(state).includes('earlier turns were summarised'))
})

test('a file that is not there sends nothing, and the question is written again', async () => {
  const { line, until } = chat()
  line('see @nowhere.txt')
  const state = await until(
    ({ sending, lastEvent, editor }) => sending.length === 0 && lastEvent === 0 && editor.text !== '',
  )
  expect(state.editor.text).toBe('see @nowhere.txt')
  expect(transcriptText(state)).toContain('There is no file nowhere.txt here.')
})
