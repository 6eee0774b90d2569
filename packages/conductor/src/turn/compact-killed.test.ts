// kill -9 at each moment of a compaction: the log is whole, with the summary or without, nothing that was told is lost,
// and the session goes on as if it had been told all of it.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import * as route from '@spoq/contracts/session'
import { socketPath } from '@spoq/kit/socket-path'
import { type Asked, type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, readTurn, setModels, types, useModel } from '../testing/machine.ts'
import { kill, startProcess } from '../testing/process.ts'

/** Where it is struck: the summary was asked for, half of it was said, all of it so many ms ago, or it stands in the log. */
type Moment = 'asked' | 'half' | number | 'kept'

const isSummary = ({ body }: Asked) => JSON.stringify(body.messages.at(-1)).includes('Summarise the transcript above')

const isCompaction = ({ type }: route.SessionEvent) => type === 'context.compacted'

/** A machine with a session of three long turns, on a model that tells of the moment, and whatever process serves it. */
async function machine(contextTokens: number) {
  const folder = machineFolder()
  let moment: Moment | null = null
  let reached = Promise.withResolvers<void>()
  function* tellingPieces(at: Moment) {
    if (at === 'asked') reached.resolve()
    yield 'THE SUM'
    if (at === 'half') reached.resolve()
    yield 'MARY'
    reached.resolve()
  }
  const script = (asked: Asked, index: number): Reply => {
    if (!isSummary(asked)) return { pieces: [`Answer ${index} ${'z'.repeat(6000)}`] }
    if (moment === null) return { pieces: ['THE SUMMARY'] }
    if (moment !== 'asked') return { pieces: tellingPieces(moment), ...(moment === 'half' ? { hang: true } : {}) }
    reached.resolve()
    return { hang: true }
  }
  const model = useModel(folder, await startOpenAi(script))
  setModels(folder, { context: { 'openai-compatible/stand-in': contextTokens } })
  mkdirSync(join(folder, 'workspace'))
  writeFileSync(join(folder, 'workspace', 'AGENTS.md'), 'STANDING ORDER')
  let child = await startProcess(folder)
  const target = () => overLocal(socketPath(folder, 'local.sock'))
  const questions = ['question 0', 'question 1', 'question 2']
  let session: string | undefined
  for (const question of questions)
    session = (await askAndRead(target(), { question, ...(session ? { session } : {}) })).session

  /** Kills the process at the moment that `work` comes to, and starts it again. */
  async function strike(at: Moment, work: (target: Target) => Promise<unknown>): Promise<void> {
    moment = at
    reached = Promise.withResolvers()
    const had = (await logOf(target(), session as string)).filter(isCompaction).length
    const working = work(target()).catch(() => {})
    await Promise.race([reached.promise, working.then(() => Promise.reject(new Error('it never came to that')))])
    if (typeof at === 'number') await sleep(at)
    if (at === 'kept')
      while ((await logOf(target(), session as string)).filter(isCompaction).length === had) await tick()
    await kill(child)
    moment = null
    child = await startProcess(folder)
    await working
  }

  return { target, model, session: session as string, questions, strike }
}

async function logOf(target: Target, session: string): Promise<route.SessionEvent[]> {
  const { lastEvent } = await call(target, route.showSession, { params: { session } })
  const events: route.SessionEvent[] = []
  const isLast = ({ id }: { id: number }) => id >= lastEvent
  for await (const event of follow(target, route.sessionEvents, { params: { session }, isLast })) events.push(event)
  return events
}

const moments: Moment[] = ['asked', 'half', 0, 1, 3, 8, 'kept']

test.each([
  ['a person wants it', 1_000_000],
  ['a turn needs it', 8_000],
])('killed while it makes room, because %s: all is there, and the session goes on', async (_, contextTokens) => {
  const { target, model, session, questions, strike } = await machine(contextTokens)
  const outcomes = new Set<boolean>()
  for (const moment of moments) {
    const before = await logOf(target(), session)
    if (contextTokens > 8_000) await strike(moment, at => call(at, route.compactSession, { params: { session } }))
    else await strike(moment, at => untilRoom(at, session, questions))
    const after = await logOf(target(), session)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.map(({ id }) => id)).toEqual(after.map((_, index) => index + 1))
    outcomes.add(after.slice(before.length).some(isCompaction))
    // Its last event is told a moment before it rests.
    await expect.poll(async () => (await call(target(), route.showSession, { params: { session } })).state).toBe('idle')

    const question = `after ${moment}`
    questions.push(question)
    const { events } = await askAndRead(target(), { question, session })
    expect(types(events).at(-1)).toBe('turn.done')
    const told = JSON.stringify(model.asked.findLast(asked => !isSummary(asked))?.body.messages)
    for (const part of ['STANDING ORDER', ...questions]) expect(told).toContain(part)
  }
  // Both ways to come out were met: struck before the summary stood in the log, and after.
  expect([...outcomes].sort()).toEqual([false, true])
})

/** Asks until the conversation is too long: the turn that finds it so is the one that is struck. */
async function untilRoom(target: Target, session: string, questions: string[]): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    const question = `more ${questions.length}`
    const accepted = await call(target, route.ask, { body: { question, session } })
    // What was cut off before it was acknowledged need not be there.
    questions.push(question)
    if (types(await readTurn(target, accepted)).at(-1) !== 'turn.done') return
  }
}
