import { call } from '@spoq/client/call'
import { chooseModel, setBudget, setModelKey, setModelPrice, showBudget } from '@spoq/contracts/model'
import { type Anthropic, startAnthropic } from '@spoq/workbench/stand-ins/anthropic'
import { startOpenAiResponses } from '@spoq/workbench/stand-ins/openai-responses'
import type { Reply } from '@spoq/workbench/stand-ins/script'
import { expect, onTestFinished, test } from 'vitest'
import type { ConductorOptions } from '../conductor.ts'
import { askAndRead, machineFolder, overLocal, readTurn, startMachine, textOf, types } from '../testing/machine.ts'
import { pressTool } from '../testing/press.ts'

const pressing: Reply = { pieces: ['First. '], calls: [{ name: 'press', input: { button: 'A' } }] }

/** A machine whose first model is Anthropic's and whose second is OpenAI's. */
async function two(first: Reply[], second: Reply[], options: Partial<ConductorOptions> = {}) {
  const [one, other] = [await startAnthropic(first), await startOpenAiResponses(second)]
  onTestFinished(async () => void (await Promise.all([one.stop(), other.stop()])))
  const folder = machineFolder()
  const attempts = { wait: async () => {}, random: () => 0.5 }
  const started = { attempts, retries: 1, ...options }
  const conductor = await startMachine(folder, started)
  const target = overLocal(conductor.socket)
  const key = (vendor: 'anthropic' | 'openai', { key: value, url }: { key: string; url: string }) =>
    call(target, setModelKey, { params: { vendor }, body: { key: value, url } })
  await key('anthropic', one)
  await key('openai', other)
  const again = async () => {
    await conductor.stop()
    return overLocal((await startMachine(folder, started)).socket)
  }
  return { one, other, folder, target, again }
}

const chosen = { name: 'anthropic/stand-in', fallback: ['openai/stand-in'] }
/** `model use` makes a call as well. */
const ok: Reply = { pieces: ['ok'] }

test('a model that stays away is followed by the next of the list, which the log tells', async () => {
  const { target, one, other } = await two([ok, { status: 529, message: 'Overloaded' }], [{ pieces: ['Here.'] }])
  await call(target, chooseModel, { body: chosen })
  const { events } = await askAndRead(target, { question: 'q' })
  expect(textOf(events)).toBe('Here.')
  expect(types(events)).toEqual([
    'turn.queued',
    'turn.started',
    'model.fell_back',
    'text.delta',
    'step.done',
    'turn.done',
  ])
  expect(events).toMatchObject([
    {},
    { model: 'anthropic/stand-in' },
    { from: 'anthropic/stand-in', to: 'openai/stand-in', reason: 'The model did not answer: Overloaded' },
    {},
    { model: 'openai/stand-in' },
    { model: 'openai/stand-in' },
  ])
  expect([one.asked.length, other.asked.length]).toEqual([3, 1])
})

test('one where nothing listens, and one that stays silent, are followed too', async () => {
  const patience = { firstByteMs: 150, betweenBytesMs: 150 }
  const { target, one, other } = await two([ok, { silent: true }], [{ pieces: ['Here.'] }], { patience })
  await call(target, chooseModel, { body: chosen })
  expect(textOf((await askAndRead(target, { question: 'q' })).events)).toBe('Here.')
  expect(one.asked).toHaveLength(2)
  await one.stop()
  expect(textOf((await askAndRead(target, { question: 'q' })).events)).toBe('Here.')
  expect(other.asked).toHaveLength(2)
})

test.each([
  ['a refusal', { status: 401, message: 'no' }, 'model_refused'],
  ['an answer that was cut', { pieces: ['Half'], cut: true }, 'model_cut'],
])('%s is never followed by another model', async (_, reply, code) => {
  const { target, other } = await two([ok, reply as Reply], [{ pieces: ['Here.'] }])
  await call(target, chooseModel, { body: chosen })
  expect((await askAndRead(target, { question: 'q' })).events.at(-1)).toMatchObject({ code })
  expect(other.asked).toEqual([])
})

test('a model that was asked for by its name stands alone', async () => {
  const { target, other } = await two([ok, { status: 500, message: 'oops' }], [{ pieces: ['Here.'] }])
  await call(target, chooseModel, { body: chosen })
  const { events } = await askAndRead(target, { question: 'q', model: 'anthropic/stand-in' })
  expect(events.at(-1)).toMatchObject({ code: 'model_failed' })
  expect(other.asked).toEqual([])
})

test('a turn goes on with the model it fell back to, also after a restart', async () => {
  const { press } = pressTool(machineFolder())
  const first = [ok, { status: 500, message: 'oops' }]
  const { target, one, again } = await two(first, [pressing, { pieces: ['Second.'] }], { tools: [press], retries: 0 })
  await call(target, chooseModel, { body: chosen })
  const asked = await askAndRead(target, { question: 'q' }, event => event.type === 'approval.requested')
  const next = await again()
  const { answerApproval } = await import('@spoq/contracts/session')
  const request = asked.events.at(-1)
  const approval = request?.type === 'approval.requested' ? request.approval : ''
  await call(next, answerApproval, { params: { session: asked.session, approval }, body: { decision: 'allow' } })
  expect(textOf(await readTurn(next, asked))).toBe('First. Second.')
  expect(one.asked).toHaveLength(2)
})

const none = { costMicros: null, tokens: null }
const price = { input: 1_000_000, output: 10_000_000, cached: 100_000 }
const name = 'anthropic/stand-in'
const spend = { input: 1000, output: 100 }

async function priced(script: Reply[], options: Partial<ConductorOptions> = {}) {
  const all = await two([ok, ...script], [], options)
  await call(all.target, chooseModel, { body: { name } })
  await call(all.target, setModelPrice, { body: { name, price } })
  return all
}

const bounds = (one: Anthropic) => one.asked.slice(1).map(({ body }) => (body as { max_tokens: number }).max_tokens)

test('a turn over its budget ends before its tools run again, and says which budget', async () => {
  const { press, presses } = pressTool(machineFolder())
  const { target } = await priced([{ ...pressing, tokens: spend }], { tools: [press] })
  await call(target, setBudget, { body: { turn: { costMicros: 2000, tokens: null }, day: none } })
  const { events } = await askAndRead(target, { question: 'q', approve: ['press'] })
  expect(events.at(-1)).toMatchObject({
    type: 'turn.error',
    code: 'budget_spent',
    message: expect.stringContaining('The budget of a turn is spent: $0.0020 of $0.0020'),
    next: expect.stringContaining('spoq model budget set --turn'),
  })
  expect(presses()).toBe(0)
})

test('a call may answer no more than the budget has left, and one without room is never made', async () => {
  const { target, one } = await priced([{ pieces: ['Hi.'], tokens: spend }])
  await call(target, setBudget, { body: { turn: { costMicros: 10_000, tokens: null }, day: none } })
  await askAndRead(target, { question: 'q' })
  const [bound = 0] = bounds(one)
  expect(bound).toBeGreaterThan(700)
  expect(bound).toBeLessThan(1000)
  await call(target, setBudget, { body: { turn: { costMicros: 100, tokens: null }, day: none } })
  expect((await askAndRead(target, { question: 'q' })).events.at(-1)).toMatchObject({ code: 'budget_spent' })
  expect(one.asked).toHaveLength(2)
})

test("a day's budget is counted from the log over sessions and a restart, and a new day begins at 0", async () => {
  let time = Date.parse('2026-11-21T23:00:00Z')
  const { target, again } = await priced([{ pieces: ['Hi.'], tokens: spend }], { now: () => time })
  const day = { turn: none, day: { costMicros: null, tokens: 3000 } }
  await call(target, setBudget, { body: day })
  for (const _ of [1, 2]) expect((await askAndRead(target, { question: 'q' })).events.at(-1)?.type).toBe('turn.done')
  expect((await call(target, showBudget)).today).toEqual({ costMicros: 4000, tokens: 2200, unpriced: 0 })
  const next = await again()
  expect((await call(next, showBudget)).today).toMatchObject({ costMicros: 4000, tokens: 2200 })
  const full = (await askAndRead(next, { question: 'x'.repeat(4000) })).events.at(-1)
  expect(full).toMatchObject({
    code: 'budget_spent',
    message: expect.stringContaining("The day's budget is spent: 2200"),
  })
  time += 3_600_000
  expect((await call(next, showBudget)).today).toMatchObject({ tokens: 0 })
  expect((await askAndRead(next, { question: 'q' })).events.at(-1)?.type).toBe('turn.done')
})

test('an answer that was cut is counted by what had come', async () => {
  const { target } = await priced([{ pieces: ['x'.repeat(400)], cut: true }])
  await askAndRead(target, { question: 'q' })
  const { today } = await call(target, showBudget)
  expect(today.tokens).toBeGreaterThan(100)
  expect(today.costMicros).toBeGreaterThan(1000)
})
