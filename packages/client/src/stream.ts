// A stream of server-sent events that survives a dropped connection: it goes on after the last event it gave.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Route } from '@spoq/contracts/http'
import { type ErrorCode, SpoqError } from '@spoq/contracts/problem'
import { createParser } from 'eventsource-parser'
import type * as z from 'zod/mini'
import { isNetworkFault } from './answer.ts'
import { open, type Sent } from './call.ts'
import type { Target } from './target.ts'

type Item<R extends Route> = z.output<R['answer']> & { id: number }

interface Following<R extends Route> extends Sent<R> {
  /** Give the events after this one. Default 0: all. */
  after?: number
  /** Says which event is the last: the stream then ends without asking again. */
  isLast: (event: Item<R>) => boolean
  /** Tries in a row without a single event before it gives up. Default 8, about 20 s. */
  tries?: number
  /** Told when events can come, and when the other side went away and is tried again. */
  onConnection?: (connection: 'connected' | 'away') => void
}

/**
 * Follows an event stream to its last event, each event once and in order, over as many connections as it takes.
 * @throws SpoqError `unreachable` of the target when the other side stays away.
 */
export async function* follow<R extends Route>(
  target: Target,
  route: R,
  following: Following<R>,
): AsyncGenerator<Item<R>> {
  const { isLast, tries = 8 } = following
  let after = following.after ?? 0
  for (let failures = 0; ; failures++) {
    try {
      for await (const event of connection(target, route, following, after)) {
        if (event.id <= after) continue
        after = event.id
        failures = 0
        yield event
        if (isLast(event)) return
      }
    } catch (error) {
      if (following.signal?.aborted || !isTransient(error) || failures >= tries) throw error
    }
    if (failures >= tries) throw new SpoqError(target.unreachable)
    following.onConnection?.('away')
    await sleep(Math.min(100 * 2 ** failures, 5_000), undefined, { signal: following.signal })
  }
}

async function* connection<R extends Route>(
  target: Target,
  route: R,
  sent: Following<R>,
  after: number,
): AsyncGenerator<Item<R>> {
  const response = await open(target, route, sent, { 'last-event-id': String(after) })
  sent.onConnection?.('connected')
  const ready: Item<R>[] = []
  const parser = createParser({
    onEvent: message => ready.push(route.answer.parse(JSON.parse(message.data)) as Item<R>),
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body) {
    parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }))
    yield* ready.splice(0)
  }
}

/** A broken connection is worth another try; an answer of the other side is not, unless it says "later". */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof SpoqError)) return isNetworkFault(error)
  return later.has(error.code)
}

const later: ReadonlySet<ErrorCode> = new Set(['machine_unreachable', 'machine_away', 'server_unknown', 'unavailable'])
