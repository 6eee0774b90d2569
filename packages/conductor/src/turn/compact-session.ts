// A person wants a session's earlier turns summarised, between two turns.

import { SpoqError } from '@spoq/contracts/problem'
import { estimateOf } from '../model/index.ts'
import { isNewer, planAnyway, summarised } from './compact.ts'
import type { QueuedBody } from './event.ts'
import { messagesOf } from './messages.ts'
import { purseOf } from './purse.ts'
import type { Workshop } from './workshop.ts'

export interface Compacted {
  compacted: boolean
  tokensBefore: number
  tokensAfter: number
}

/**
 * Lets the model that the session was last asked with summarise it. The event stands with the last turn.
 * @throws SpoqError `session_busy`; `session_not_found` when it was deleted meanwhile; what a step throws.
 */
export async function compactSession(shop: Workshop, session: string, signal: AbortSignal): Promise<Compacted> {
  const { store, spending } = shop
  if (store.openTurns(session).length > 0)
    throw new SpoqError('session_busy', { next: 'Wait for it: a long turn makes room by itself.' })
  const events = store.events(session)
  const turn = events.at(-1)?.turn ?? ''
  const plan = planAnyway(events)
  const before = estimateOf(messagesOf(events), null).tokens
  if (!plan) return { compacted: false, tokensBefore: before, tokensAfter: before }
  const asked = events.findLast(({ body }) => body.type === 'turn.queued')?.body as QueuedBody
  const line = await shop.models.line(asked.model)
  // The budget of a turn is none of a person's; the day's is.
  const purse = purseOf(shop, [], turn)
  const body = await summarised(shop, events, plan, { line, purse, signal, fellBack: () => {} })
  const { tokensBefore, tokensAfter } = body
  const stands = store.events(session)
  if (stands.length > 0 && isNewer(stands, body)) store.append(session, turn, [body])
  else spending.record(body)
  store.get(session)
  return { compacted: true, tokensBefore, tokensAfter }
}
