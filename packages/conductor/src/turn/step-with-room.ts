// A step of a turn, for which room is made first when the conversation is too long.

import { SpoqError } from '@spoq/contracts/problem'
import { isNewer, type Plan, planAnyway, planBefore, summarised } from './compact.ts'
import { purseOf } from './purse.ts'
import { type Standing, takeStep, toldBefore } from './take-step.ts'
import type { Workshop } from './workshop.ts'

/**
 * Takes one step, or makes room for it: then the step is still to be taken. Room is made between two steps only, where
 * every call has its result.
 * @param once what a vendor refused as too long is compacted in a turn once; remembers that.
 * @throws what a step throws; SpoqError `context_too_long` when no room could be made.
 */
export async function stepWithRoom(
  shop: Workshop,
  standing: Standing,
  once: { refused: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { events, line } = standing
  const plan = line[0] && !justCompacted(standing) ? planBefore(events, line[0], toldBefore(shop, standing)) : null
  if (plan) return compact(shop, standing, plan, signal)
  try {
    await takeStep(shop, standing, signal)
  } catch (error) {
    const smaller = once.refused || !isTooLong(error) ? null : planAnyway(events)
    if (!smaller) throw error
    once.refused = true
    await compact(shop, standing, smaller, signal)
  }
}

async function compact(shop: Workshop, standing: Standing, plan: Plan, signal: AbortSignal): Promise<void> {
  const { session, turn, events, line, append } = standing
  const body = await summarised(shop, events, plan, {
    line,
    purse: purseOf(shop, events, turn),
    signal,
    fellBack: (from, to, why) => append({ type: 'model.fell_back', from: from.name, to: to.name, reason: why }),
  })
  // A person may have asked for the same meanwhile; nothing comes between this look and the append.
  if (isNewer(shop.store.events(session), body)) append(body)
  else shop.spending.record(body)
}

/** The turn has not taken a step since: doing it again would gain nothing. */
function justCompacted({ events, turn }: Standing): boolean {
  const last = events.findLast(
    ({ body, turn: of }) => of === turn && (body.type === 'step.done' || body.type === 'context.compacted'),
  )
  return last?.body.type === 'context.compacted'
}

const isTooLong = (error: unknown) => error instanceof SpoqError && error.code === 'context_too_long'
