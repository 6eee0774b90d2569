// The same scenarios over every vendor, each speaking its own wire format to a whole Conductor. The stand-ins refuse what
// the real ones would, so a wrong request fails here.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { setModelKey, setModelPrice, type Vendor } from '@spoq/contracts/model'
import { compactSession, type SessionEvent } from '@spoq/contracts/session'
import { startAnthropic } from '@spoq/workbench/stand-ins/anthropic'
import { startGoogle } from '@spoq/workbench/stand-ins/google'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { startOpenAiResponses } from '@spoq/workbench/stand-ins/openai-responses'
import type { Reply } from '@spoq/workbench/stand-ins/script'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ConductorOptions } from '../conductor.ts'
import { askAndRead, machineFolder, overLocal, setModels, startMachine, textOf, types } from '../testing/machine.ts'
import { pressTool } from '../testing/press.ts'

interface StandIn {
  url: string
  key: string
  asked: { body: unknown }[]
  stop(): Promise<void>
}

const chatKey = 'sk-chat-stand-in-key-0123'
const starters: Record<Vendor, (script: Reply[]) => Promise<StandIn>> = {
  anthropic: startAnthropic,
  openai: startOpenAiResponses,
  google: startGoogle,
  'openai-compatible': async script => ({
    ...(await startOpenAi(script, ['stand-in'], { key: chatKey })),
    key: chatKey,
  }),
  ollama: async script => {
    const ollama = { capabilities: ['completion', 'tools', 'vision'] }
    return { ...(await startOpenAi(script, ['stand-in'], { key: chatKey, ollama })), key: chatKey }
  },
}

async function machineWith(vendor: Vendor, script: Reply[], options: Partial<ConductorOptions> = {}) {
  const standIn = await starters[vendor](script)
  onTestFinished(() => standIn.stop())
  const folder = machineFolder()
  setModels(folder, { chosen: `${vendor}/stand-in`, url: { [vendor]: standIn.url } })
  const paused: number[] = []
  const attempts = { wait: async (ms: number) => void paused.push(ms), random: () => 0.5 }
  const target = overLocal((await startMachine(folder, { retries: 2, attempts, ...options })).socket)
  await call(target, setModelKey, { params: { vendor }, body: { key: standIn.key } })
  return { standIn, folder, target, paused }
}

const last = (events: SessionEvent[]) => events.at(-1) as SessionEvent
const ask = async (target: Target) => (await askAndRead(target, { question: 'q' })).events

describe.each(Object.keys(starters) as Vendor[])('%s', vendor => {
  test('a session goes on after a summary, cut between a call and its next step or between turns', async () => {
    const press = { name: 'press', input: { button: 'A' } }
    const calling: Reply = { pieces: ['Pressing.'], calls: [press] }
    const script = [calling, calling, { pieces: ['First.'] }, { pieces: ['SUMMARY'] }, calling, { pieces: ['Second.'] }]
    const long = { ...pressTool(machineFolder()).press, does: 'look' as const, run: async () => 'y'.repeat(9000) }
    const { target, standIn } = await machineWith(vendor, script, { tools: [long] })
    const { session } = await askAndRead(target, { question: 'one' })
    expect(await call(target, compactSession, { params: { session } })).toMatchObject({ compacted: true })
    const { events } = await askAndRead(target, { question: 'two', session })
    expect(textOf(events)).toBe('Pressing.Second.')
    const sent = standIn.asked.map(({ body }) => JSON.stringify(body))
    expect(sent[4]).toContain('SUMMARY')
    expect(sent[4]?.length).toBeLessThan((sent[2]?.length ?? 0) / 2)
  })

  test('answers, and its tokens are counted and priced', async () => {
    const tokens = { input: 1000, output: 200, cached: 400 }
    const { target } = await machineWith(vendor, [{ pieces: ['Hel', 'lo.'], tokens }])
    const price = { input: 3_000_000, output: 15_000_000, cached: 300_000 }
    await call(target, setModelPrice, { body: { name: `${vendor}/stand-in`, price } })
    const events = await ask(target)
    expect(textOf(events)).toBe('Hello.')
    const usage = { inputTokens: 1000, outputTokens: 200, cachedTokens: 400 }
    const costMicros = 600 * 3 + 400 * 0.3 + 200 * 15
    expect(events.at(-2)).toMatchObject({ type: 'step.done', usage, model: `${vendor}/stand-in`, costMicros })
    expect(last(events)).toMatchObject({ type: 'turn.done', model: `${vendor}/stand-in`, costMicros })
  })

  test('calls a tool, gets its result in its own form, and goes on', async () => {
    const folder = machineFolder()
    const { press, presses } = pressTool(folder)
    const script = [
      { pieces: ['Pressing.'], calls: [{ name: 'press', input: { button: 'A' } }] },
      { pieces: ['Done.'] },
    ]
    const { target, standIn } = await machineWith(vendor, script, { tools: [press] })
    const { events } = await askAndRead(target, { question: 'q', approve: ['press'] })
    expect(events.find(({ type }) => type === 'tool.call')).toMatchObject({ tool: 'press', input: { button: 'A' } })
    expect(presses()).toBe(1)
    expect(textOf(events)).toBe('Pressing.Done.')
    expect(JSON.stringify(standIn.asked[1]?.body)).toContain('pressed A')
  })

  test('a price that nobody knows is null', async () => {
    const { target } = await machineWith(vendor, [{ pieces: ['Hi.'] }])
    expect(last(await ask(target))).toMatchObject({ type: 'turn.done', costMicros: null })
  })

  test.each([
    [{ status: 429, message: 'slow down', retryAfter: 7 }, 7250],
    [{ status: 500, message: 'oops' }, 375],
    [{ status: 529, message: 'Overloaded' }, 375],
  ])('%j is tried again after a pause', async (refusal, pause) => {
    const { target, paused, standIn } = await machineWith(vendor, [refusal, { pieces: ['Now.'] }])
    expect(textOf(await ask(target))).toBe('Now.')
    expect(paused).toEqual([pause])
    expect(standIn.asked).toHaveLength(2)
  })

  test('what stays overloaded fails in its words, after the tries', async () => {
    const { target, standIn } = await machineWith(vendor, [{ status: 529, message: 'Overloaded' }])
    expect(last(await ask(target))).toMatchObject({
      type: 'turn.error',
      code: 'model_failed',
      message: expect.stringContaining('Overloaded'),
    })
    expect(standIn.asked).toHaveLength(3)
  })

  test.each([401, 403, 400])('%i is a refusal in its words, at once and without the key', async status => {
    const script: Reply[] = []
    const { target, standIn } = await machineWith(vendor, script)
    script.push({ status, message: `not with ${standIn.key}` })
    expect(last(await ask(target))).toMatchObject({
      type: 'turn.error',
      code: 'model_refused',
      message: 'The model refused: not with ***',
    })
    expect(standIn.asked).toHaveLength(1)
  })

  test('a model that does not exist is a refusal that names it', async () => {
    const { folder, target } = await machineWith(vendor, [{ pieces: ['no'] }])
    setModels(folder, { chosen: `${vendor}/nobody` })
    expect(last(await ask(target))).toMatchObject({ code: 'model_refused', message: expect.stringContaining('nobody') })
  })

  test("the vendor's filter is a refusal", async () => {
    const { target } = await machineWith(vendor, [{ pieces: ['I will '], filtered: true }])
    expect(last(await ask(target))).toMatchObject({ type: 'turn.error', code: 'model_refused' })
  })

  test.each([true, 'ended'] as const)('a stream that breaks off (%s) is told, and what was said is kept', async cut => {
    const { target, standIn } = await machineWith(vendor, [{ pieces: ['Half', ' an'], cut }])
    const events = await ask(target)
    expect(textOf(events)).toBe('Half an')
    expect(last(events)).toMatchObject({ type: 'turn.error', code: 'model_cut' })
    expect(standIn.asked).toHaveLength(1)
  })

  test.each([{ cut: true }, { cut: 'ended' as const }, { malformed: true }])(
    'a stream that breaks before it said anything (%j) is tried again',
    async broken => {
      const { target } = await machineWith(vendor, [broken, { pieces: ['Whole.'] }])
      const events = await ask(target)
      expect(textOf(events)).toBe('Whole.')
      expect(last(events)).toMatchObject({ type: 'turn.done' })
    },
  )

  test('what is no JSON in the middle of an answer cuts it', async () => {
    const { target } = await machineWith(vendor, [{ pieces: ['Half'], malformed: true }])
    expect(last(await ask(target))).toMatchObject({ type: 'turn.error', code: 'model_cut' })
  })

  test('silence ends a call: before the first byte it failed, after it it is cut', async () => {
    const patience = { firstByteMs: 150, betweenBytesMs: 150 }
    const { target } = await machineWith(vendor, [{ silent: true }, { pieces: ['Half'], hang: true }], { patience })
    expect(last(await ask(target))).toMatchObject({ code: 'model_failed', message: expect.stringContaining('0.15 s') })
    expect(last(await ask(target))).toMatchObject({ code: 'model_cut', message: expect.stringContaining('0.15 s') })
  })

  test('an image goes as an image', async () => {
    const { target, standIn } = await machineWith(vendor, [{ pieces: ['A dot.'] }])
    const attachments = [{ name: 'dot.png', text: '', media: { type: 'image/png' as const, data: dot } }]
    const { events } = await askAndRead(target, { question: 'what is it?', attachments })
    expect(textOf(events)).toBe('A dot.')
    expect(JSON.stringify(standIn.asked[0]?.body)).toContain(dot)
  })

  test('its key is nowhere on the disk', async () => {
    const { folder, target, standIn } = await machineWith(vendor, [{ pieces: ['Hi.'] }])
    await ask(target)
    for (const path of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (path.isFile()) expect(readFileSync(join(path.parentPath, path.name), 'latin1')).not.toContain(standIn.key)
  })
})

const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

test('every event that a reader sees is one of the contract', async () => {
  const { target } = await machineWith('anthropic', [{ pieces: ['Hi.'] }])
  expect(types(await ask(target))).toEqual(['turn.queued', 'turn.started', 'text.delta', 'step.done', 'turn.done'])
})
