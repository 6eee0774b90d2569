import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import {
  askAndRead,
  machineFolder,
  overLocal,
  readTurn,
  startMachine,
  textOf,
  types,
  useModel,
} from '../testing/machine.ts'
import { pressThenDone, pressTool } from '../testing/press.ts'
import type { Tool } from '../tool/tool.ts'

test('calls that make no sense come back to the model as failed, and the turn goes on', async () => {
  const folder = machineFolder()
  const calls = [
    { name: 'fly', input: {} },
    { name: 'press', input: { knob: 1 } },
  ]
  const standIn = useModel(folder, await startOpenAi([{ calls }, { pieces: ['Sorry.'] }]))
  const target = overLocal((await startMachine(folder, { tools: [pressTool(folder).press] })).socket)
  const { events } = await askAndRead(target, { question: 'fly' })
  expect(events.filter(event => event.type === 'tool.result')).toMatchObject([
    { failed: true, output: 'There is no tool fly. There are: press.' },
    { failed: true, output: expect.stringContaining('The input is not valid: button') },
  ])
  expect(standIn.asked[1]?.body.messages.slice(-2)).toMatchObject([{ role: 'tool' }, { role: 'tool' }])
})

test('a model that numbers its calls anew in every answer runs each of them', async () => {
  const folder = machineFolder()
  const again: Reply = { calls: [{ id: 'call_0', name: 'press', input: { button: 'A' } }] }
  useModel(folder, await startOpenAi([again, again, { pieces: ['Twice.'] }]))
  const { press, presses } = pressTool(folder)
  const target = overLocal((await startMachine(folder, { tools: [press] })).socket)
  const { events } = await askAndRead(target, { question: 'press A twice', approve: ['press'] })
  expect(types(events).at(-1)).toBe('turn.done')
  expect(presses()).toBe(2)
})

test.each<[string, Reply, string, string]>([
  ['refused by its key', { status: 401, message: 'Incorrect API key: sk-secret' }, 'model_refused', 'key: ***'],
  ['refused by its name', { status: 404, message: 'no such model' }, 'model_refused', 'no such model'],
  ['broken', { status: 500, message: 'overloaded' }, 'model_failed', 'overloaded'],
  ['cut in the middle', { pieces: ['Half', ' an'], cut: true }, 'model_cut', 'cut off'],
])('a model that is %s ends the turn with one line that says so', async (_, reply, code, message) => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi([reply]), 'sk-secret')
  const target = overLocal((await startMachine(folder)).socket)
  const { events } = await askAndRead(target, { question: 'q' })
  expect(events.at(-1)).toMatchObject({ type: 'turn.error', code, message: expect.stringContaining(message) })
  expect(JSON.stringify(events)).not.toContain('sk-secret')
})

test('a question to a session whose turn runs waits for it, and sees its answer', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi([...pressThenDone, { pieces: ['Second.'] }]))
  const target = overLocal((await startMachine(folder, { tools: [pressTool(folder).press] })).socket)
  const first = await askAndRead(target, { question: 'press A' }, ({ type }) => type === 'approval.requested')
  const second = await call(target, route.ask, { body: { question: 'and then?', session: first.session } })
  const requested = first.events.find(event => event.type === 'approval.requested')
  const params = { session: first.session, approval: requested?.approval ?? '' }
  await call(target, route.answerApproval, { params, body: { decision: 'allow' } })
  const events = await readTurn(target, second)
  const started = events.findIndex(event => event.turn === second.turn && event.type === 'turn.started')
  expect(events.findIndex(event => event.turn === first.turn && event.type === 'turn.done')).toBe(started - 1)
  expect(textOf(events.slice(started))).toBe('Second.')
  expect(standIn.asked[2]?.body.messages.slice(-2)).toMatchObject([
    { role: 'assistant', content: 'It is pressed.' },
    { role: 'user', content: 'and then?' },
  ])
})

test('stopping ends the running turn with its partial text, and the one queued behind it', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi([{ pieces: ['Thinking'], hang: true }]))
  const target = overLocal((await startMachine(folder)).socket)
  const first = await askAndRead(target, { question: 'q' }, ({ type }) => type === 'text.delta')
  const second = await call(target, route.ask, { body: { question: 'more', session: first.session } })
  await call(target, route.abortTurn, { params: first })
  expect((await readTurn(target, first)).at(-1)).toMatchObject({ type: 'turn.aborted', by: 'local' })
  expect(
    types(await readTurn(target, second))
      .filter(type => type !== 'text.delta')
      .at(-1),
  ).toBe('turn.aborted')
  expect(await call(target, route.showSession, { params: first })).toMatchObject({ state: 'idle' })
  await call(target, route.abortTurn, { params: first })
})

test('a tool that ignores its signal does not hold a stopped turn', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi(pressThenDone))
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  const stubborn: Tool = {
    ...pressTool(folder).press,
    does: 'look',
    run: () => {
      resolve()
      return new Promise<string>(() => {})
    },
  }
  const target = overLocal((await startMachine(folder, { tools: [stubborn] })).socket)
  const asked = await call(target, route.ask, { body: { question: 'press A' } })
  await begun
  await call(target, route.abortTurn, { params: asked })
  expect(types(await readTurn(target, asked)).at(-1)).toBe('turn.aborted')
})
