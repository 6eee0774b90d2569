import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { setModelPrice, showBudget } from '@spoq/contracts/model'
import * as route from '@spoq/contracts/session'
import { type Asked, type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import {
  askAndRead,
  machineFolder,
  overLocal,
  readTurn,
  setModels,
  startMachine,
  textOf,
  types,
  useModel,
} from '../testing/machine.ts'
import { pressTool } from '../testing/press.ts'

const isSummary = ({ body }: Asked) => JSON.stringify(body.messages.at(-1)).includes('Summarise the transcript above')
const sizeOf = ({ body }: Asked) => JSON.stringify(body.messages).length
const summary = { pieces: ['THE SUMMARY'], tokens: { input: 500, output: 50 } }

/** A machine whose model takes so many tokens and answers by `reply`, which is not asked for summaries. */
async function machine(contextTokens: number, reply: (asked: Asked, index: number) => Reply) {
  const folder = machineFolder()
  const script = (asked: Asked, index: number) => (isSummary(asked) ? summary : reply(asked, index))
  const model = useModel(folder, await startOpenAi(script))
  setModels(folder, { context: { 'openai-compatible/stand-in': contextTokens } })
  const { press } = pressTool(folder)
  const big = { ...press, does: 'look' as const, run: async () => 'y'.repeat(12_000) }
  const start = async () => overLocal((await startMachine(folder, { tools: [big] })).socket)
  return { folder, model, target: await start() }
}

const long = (asked: Asked, index: number): Reply => ({
  pieces: [`Answer ${index} ${'z'.repeat(6000)}`],
  tokens: { input: sizeOf(asked) },
})
const isCompaction = (event: route.SessionEvent) => event.type === 'context.compacted'

test('a long session goes on: it is summarised before it is too long, and what is sent is small again', async () => {
  const { folder, target, model } = await machine(8000, long)
  writeFileSync(join(folder, 'workspace', 'AGENTS.md'), 'STANDING ORDER')
  let session: string | undefined
  const all: route.SessionEvent[] = []
  for (let turn = 0; turn < 12; turn++) {
    const asked = await askAndRead(target, { question: `question ${turn}`, ...(session ? { session } : {}) })
    session = asked.session
    all.push(...asked.events)
    expect(types(asked.events).at(-1)).toBe('turn.done')
  }
  const compactions = all.filter(isCompaction)
  expect(compactions.length).toBeGreaterThan(1)
  for (const one of compactions)
    expect(one).toMatchObject({ summary: 'THE SUMMARY', model: 'openai-compatible/stand-in' })
  // Never near what the model takes, and after a summary far below what it was before.
  for (const asked of model.asked) expect(sizeOf(asked) / 4).toBeLessThan(8000)
  model.asked.forEach((asked, index) => {
    if (isSummary(asked))
      expect(sizeOf(model.asked[index + 1] as Asked)).toBeLessThan(sizeOf(model.asked[index - 1] as Asked) * 0.7)
  })
  const last = model.asked.at(-1)?.body.messages
  expect(last?.[0]?.content).toContain('STANDING ORDER')
  for (let turn = 0; turn < 12; turn++) expect(JSON.stringify(last)).toContain(`question ${turn}`)
  expect(JSON.stringify(last)).toContain('THE SUMMARY')
  // The answer before the last question is still there as it was said.
  expect(last?.at(-2)).toMatchObject({ role: 'assistant', content: expect.stringContaining('zzz') })
})

test('a turn of many steps makes room between two of them, and keeps its question and its last results', async () => {
  const press = (index: number): Reply => ({
    calls: [{ id: `c${index}`, name: 'press', input: { button: `${index}` } }],
  })
  const { target, model } = await machine(16_000, ({ body }, index) =>
    index < 9 ? press(index) : { pieces: [`Done after ${body.messages.length}.`] },
  )
  const { events } = await askAndRead(target, { question: 'press them all' })
  expect(types(events).at(-1)).toBe('turn.done')
  expect(events.some(isCompaction)).toBe(true)
  for (const asked of model.asked) expect(sizeOf(asked) / 4).toBeLessThan(16_000)
  const last = model.asked.at(-1)?.body.messages ?? []
  expect(JSON.stringify(last.filter(({ role }) => role === 'user'))).toContain('press them all')
  last.forEach((message, index) => {
    if (message.role === 'tool') expect(['assistant', 'tool']).toContain(last[index - 1]?.role)
  })
  // No call is repeated, and each has its result in the log.
  const of = (type: string) => events.filter(event => event.type === type)
  expect(of('tool.result')).toHaveLength(of('tool.call').length)
})

test('a vendor that says "too long" is asked once more with a summary, though nobody knew its limit', async () => {
  const { target, model } = await machine(1_000_000, asked =>
    sizeOf(asked) > 11_000
      ? { status: 400, message: "This model's maximum context length is 4096 tokens." }
      : long(asked, 0),
  )
  const { session } = await askAndRead(target, { question: 'one' })
  await askAndRead(target, { question: 'two', session })
  const { events } = await askAndRead(target, { question: 'three', session })
  expect(types(events).filter(type => type !== 'text.delta')).toEqual([
    'turn.queued',
    'turn.started',
    'context.compacted',
    'step.done',
    'turn.done',
  ])
  expect(sizeOf(model.asked.at(-1) as Asked)).toBeLessThan(11_000)
})

test('where a summary does not help, the turn ends and says so, after one try', async () => {
  const { target, model } = await machine(1_000_000, (asked, index) =>
    index < 2 ? long(asked, index) : { status: 400, message: 'prompt is too long: 200001 tokens > 200000 maximum' },
  )
  const { session } = await askAndRead(target, { question: 'one' })
  await askAndRead(target, { question: 'two', session })
  const { events } = await askAndRead(target, { question: 'three', session })
  expect(events.at(-1)).toMatchObject({
    type: 'turn.error',
    code: 'context_too_long',
    message: expect.stringContaining('prompt is too long'),
  })
  expect(model.asked.filter(isSummary)).toHaveLength(1)
  // A first question that is too long has nothing before it that could be summarised.
  const alone = await askAndRead(target, { question: 'four' })
  expect(alone.events.at(-1)).toMatchObject({ code: 'context_too_long' })
  expect(model.asked.filter(isSummary)).toHaveLength(1)
})

test('what a summary costs counts in the turn and in the day', async () => {
  const { target } = await machine(6000, long)
  const price = { input: 1_000_000, output: 1_000_000, cached: 0 }
  await call(target, setModelPrice, { body: { name: 'openai-compatible/stand-in', price } })
  const all: route.SessionEvent[] = []
  let session: string | undefined
  for (let turn = 0; turn < 4; turn++) {
    const asked = await askAndRead(target, { question: 'q', ...(session ? { session } : {}) })
    session = asked.session
    all.push(...asked.events)
  }
  const turn = all.find(isCompaction)?.turn
  expect(all.find(isCompaction)).toMatchObject({ usage: { inputTokens: 500, outputTokens: 50 }, costMicros: 550 })
  const own = all.filter(event => event.turn === turn)
  const step = own.find(event => event.type === 'step.done')
  expect(own.at(-1)).toMatchObject({ type: 'turn.done', costMicros: (step?.costMicros ?? 0) + 550 })
  const sum = all.reduce((total, event) => total + (event.type === 'turn.done' ? (event.costMicros ?? 0) : 0), 0)
  expect((await call(target, showBudget)).today.costMicros).toBe(sum)
})

test('a person makes room: once for two wishes at the same time, not while a turn runs, and nothing where nothing is gained', async () => {
  const { target, model } = await machine(1_000_000, (asked, index) =>
    index === 3 ? { pieces: ['…'], hang: true } : long(asked, index),
  )
  const { session } = await askAndRead(target, { question: 'one' })
  const compact = () => call(target, route.compactSession, { params: { session } })
  await askAndRead(target, { question: 'two', session })
  const [first, second] = await Promise.all([compact(), compact()])
  expect(first).toEqual(second)
  expect(first.compacted).toBe(true)
  expect(first.tokensAfter).toBeLessThan(first.tokensBefore)
  expect(model.asked.filter(isSummary)).toHaveLength(1)
  const running = await askAndRead(target, { question: 'three', session }, ({ type }) => type === 'text.delta')
  expect(JSON.stringify(model.asked.at(-1)?.body.messages)).toContain('THE SUMMARY')
  await expect(compact()).rejects.toMatchObject({ code: 'session_busy' })
  await call(target, route.abortTurn, { params: { session } })
  await readTurn(target, running)
  const fresh = await askAndRead(target, { question: 'count 1', model: 'demo' })
  expect(await call(target, route.compactSession, { params: fresh })).toMatchObject({ compacted: false })
  await expect(
    call(target, route.compactSession, { params: { session: 'sess_00000000000000000000' } }),
  ).rejects.toMatchObject({ code: 'session_not_found' })
})

test('a summary that fails leaves the session as it was', async () => {
  let broken = true
  const folder = machineFolder()
  const script = (asked: Asked, index: number): Reply =>
    isSummary(asked) ? (broken ? { pieces: ['half'], cut: true } : summary) : long(asked, index)
  useModel(folder, await startOpenAi(script))
  const target = overLocal((await startMachine(folder)).socket)
  const { session } = await askAndRead(target, { question: 'one' })
  await askAndRead(target, { question: 'two', session })
  const before = await call(target, route.showSession, { params: { session } })
  await expect(call(target, route.compactSession, { params: { session } })).rejects.toMatchObject({ code: 'model_cut' })
  expect(await call(target, route.showSession, { params: { session } })).toMatchObject({ lastEvent: before.lastEvent })
  broken = false
  expect(await call(target, route.compactSession, { params: { session } })).toMatchObject({ compacted: true })
  const { events } = await askAndRead(target, { question: 'three', session })
  expect(textOf(events)).toContain('Answer')
})
