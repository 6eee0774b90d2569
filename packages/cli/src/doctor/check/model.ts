import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { showModel } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import { ask, deleteSession, type SessionEvent, sessionEvents, turnEnds } from '@spoq/contracts/session'
import { describeModel } from '../../model/describe.ts'
import { type Check, ok, warn } from '../check.ts'

export const model: Check = {
  id: 'model',
  needs: ['connection'],
  limitMs: 60_000,
  run: async ({ found, asksModel, signal }) => {
    const target = found.machine as Target
    const inUse = await call(target, showModel, { signal })
    if (inUse.name === null) return warn('none is chosen', 'Choose one: spoq model use NAME --url URL')
    if (!asksModel) return ok(`${describeModel(inUse)}; --model asks it`)
    const begin = performance.now()
    await askOnce(target, signal)
    return ok(`${describeModel(inUse)}; it answered in ${Math.round(performance.now() - begin)} ms`)
  },
}

/** Asks in a session of its own, which is deleted. @throws SpoqError what the turn failed with. */
async function askOnce(target: Target, signal: AbortSignal): Promise<void> {
  const body = { question: 'Answer with the one word: ready', approve: ['deny'] }
  const { session, after } = await call(target, ask, { body, signal })
  const params = { session }
  try {
    const isLast = ({ type }: SessionEvent) => (turnEnds as readonly string[]).includes(type)
    for await (const event of follow(target, sessionEvents, { params, after, isLast, signal }))
      if (event.type === 'turn.error') throw new SpoqError(event.code, { message: event.message, next: event.next })
  } finally {
    await call(target, deleteSession, { params, query: { force: 'true' } })
  }
}
