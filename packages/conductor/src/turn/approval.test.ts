import { call } from '@spoq/client/call'
import * as route from '@spoq/contracts/session'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
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

test('a call without an approval beforehand waits, runs once it is allowed, and its result goes to the model', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi(pressThenDone))
  const { press, presses } = pressTool(folder)
  const target = overLocal((await startMachine(folder, { tools: [press] })).socket)
  const first = await askAndRead(target, { question: 'press A' }, ({ type }) => type === 'approval.requested')
  const requested = first.events.at(-1)
  if (requested?.type !== 'approval.requested') throw new Error('no approval was requested')
  expect(requested).toMatchObject({ title: 'press: A' })
  expect(await call(target, route.showSession, { params: first })).toMatchObject({ state: 'waiting' })
  expect(presses()).toBe(0)

  const params = { session: first.session, approval: requested.approval }
  await call(target, route.answerApproval, { params, body: { decision: 'allow' } })
  const rest = await readTurn(target, { ...first, after: requested.id })
  const kinds = types(rest).filter(type => type !== 'text.delta')
  expect(kinds).toEqual(['approval.answered', 'tool.result', 'step.done', 'turn.done'])
  expect(rest[0]).toMatchObject({ decision: 'allow', by: 'local' })
  expect(textOf(rest)).toBe('It is pressed.')
  expect(presses()).toBe(1)
  expect(standIn.asked[1]?.body.messages.at(-1)).toMatchObject({ role: 'tool', content: 'pressed A' })
  await expect(call(target, route.answerApproval, { params, body: { decision: 'allow' } })).rejects.toMatchObject({
    code: 'approval_answered',
  })
})

test('an approval outlives the Conductor: answered after a restart, the call runs once', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi(pressThenDone))
  const { press, presses } = pressTool(folder)
  const before = await startMachine(folder, { tools: [press] })
  const asked = await askAndRead(
    overLocal(before.socket),
    { question: 'press A' },
    ({ type }) => type === 'approval.requested',
  )
  await before.stop()

  const target = overLocal((await startMachine(folder, { tools: [press] })).socket)
  const requested = asked.events.find(event => event.type === 'approval.requested')
  const params = { session: asked.session, approval: requested?.approval ?? '' }
  expect(await call(target, route.showSession, { params })).toMatchObject({ state: 'waiting' })
  await call(target, route.answerApproval, { params, body: { decision: 'allow' } })
  const all = await readTurn(target, asked)
  expect(all.map(({ id }) => id)).toEqual(all.map((_, index) => index + 1))
  expect(types(all).at(-1)).toBe('turn.done')
  expect(presses()).toBe(1)
  await expect(call(target, route.answerApproval, { params, body: { decision: 'deny' } })).rejects.toMatchObject({
    code: 'approval_answered',
  })
})

test('a denied call does not run, and the model is told', async () => {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi(pressThenDone))
  const { press, presses } = pressTool(folder)
  const target = overLocal((await startMachine(folder, { tools: [press] })).socket)
  const asked = await askAndRead(target, { question: 'press A' }, ({ type }) => type === 'approval.requested')
  const requested = asked.events.find(event => event.type === 'approval.requested')
  const params = { session: asked.session, approval: requested?.approval ?? '' }
  await call(target, route.answerApproval, { params, body: { decision: 'deny' } })
  expect(types(await readTurn(target, asked)).at(-1)).toBe('turn.done')
  expect(presses()).toBe(0)
  expect(JSON.stringify(standIn.asked[1]?.body.messages.at(-1))).toContain('Denied by the person')
})

test.each([
  ['press(A)', 1],
  ['deny', 0],
])('the rule %s decides beforehand', async (rule, times) => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi(pressThenDone))
  const { press, presses } = pressTool(folder)
  const target = overLocal((await startMachine(folder, { tools: [press] })).socket)
  const { events } = await askAndRead(target, { question: 'press A', approve: [rule] })
  expect(types(events)).not.toContain('approval.requested')
  expect(types(events).at(-1)).toBe('turn.done')
  expect(presses()).toBe(times)
})

test('an unknown approval is not found, and one of a stopped turn no longer needed', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi(pressThenDone))
  const target = overLocal((await startMachine(folder, { tools: [pressTool(folder).press] })).socket)
  const asked = await askAndRead(target, { question: 'press A' }, ({ type }) => type === 'approval.requested')
  const requested = asked.events.find(event => event.type === 'approval.requested')
  const answer = (approval: string) =>
    call(target, route.answerApproval, {
      params: { session: asked.session, approval },
      body: { decision: 'allow' },
    })
  await expect(answer('appr_none')).rejects.toMatchObject({ code: 'approval_not_found' })
  await call(target, route.abortTurn, { params: asked })
  await expect(answer(requested?.approval ?? '')).rejects.toMatchObject({ code: 'approval_answered' })
})

test('stopping ends a turn that waits for an approval', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi(pressThenDone))
  const target = overLocal((await startMachine(folder, { tools: [pressTool(folder).press] })).socket)
  const asked = await askAndRead(target, { question: 'press A' }, ({ type }) => type === 'approval.requested')
  await call(target, route.abortTurn, { params: asked })
  expect(types(await readTurn(target, asked)).at(-1)).toBe('turn.aborted')
})
