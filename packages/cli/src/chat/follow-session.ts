// Everything that happens in a session, from its first event on, for as long as the chat shows it.

import { setTimeout as sleep } from 'node:timers/promises'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { type ErrorCode, SpoqError } from '@spoq/contracts/problem'
import { type SessionEvent, sessionEvents } from '@spoq/contracts/session'

interface Following {
  session: string
  signal: AbortSignal
  onEvent: (event: SessionEvent) => void
  onConnection: (connection: 'connected' | 'away', trouble?: string) => void
}

/** What no waiting puts right. */
const final: readonly ErrorCode[] = [
  'session_not_found',
  'forbidden',
  'not_signed_in',
  'login_revoked',
  'token_invalid',
  'server_not_spoq',
]
const pauseMs = 3_000

/**
 * Gives every event once and in order, over as many connections as it takes, until the signal. A machine that is away is
 * waited for, however long that is.
 * @throws SpoqError when waiting does not help.
 */
export async function followSession(target: Target, { session, signal, onEvent, onConnection }: Following) {
  let after = 0
  for (;;) {
    try {
      const events = follow(target, sessionEvents, {
        params: { session },
        after,
        isLast: () => false,
        tries: Number.POSITIVE_INFINITY,
        signal,
        onConnection,
      })
      for await (const event of events) {
        after = event.id
        onEvent(event)
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof SpoqError) || final.includes(error.code)) throw error
      onConnection('away', error.message)
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
  }
}
