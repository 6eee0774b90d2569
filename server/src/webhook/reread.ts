// Reads again what messages told of. However many tell of an object, it is read once; what fails is read again later.

import type { Kysely } from 'kysely'
import { backoffMs } from '../backoff.ts'
import type { Database } from '../db/open.ts'
import type { Tables } from '../db/tables.ts'
import { type Log, textOf } from '../log.ts'
import { type Repeated, repeat } from '../repeat.ts'
import { deferStale, dropStale, listStale } from './store.ts'

/** Reads a second: Stripe takes 100 for all that we ask, and others ask as well. */
const readsASecond = 25

export interface RereadPorts {
  db: Kysely<Tables>
  /** By its kind: brings what we have of an object to what it is there. It may be called again at any time. */
  handlers: Readonly<Record<string, (object: string) => Promise<void>>>
  /** Of several backends one at a time. */
  unlessLocked: Database['unlessLocked']
  now: () => number
  log: Log
  /** Waits, in ms. */
  pause: (ms: number) => Promise<unknown>
  everyMs?: number
}

/** Begins to read what is stale, now and when woken. */
export function openReread(ports: RereadPorts): Repeated {
  const { everyMs = 5_000, log, unlessLocked } = ports
  const reads = repeat({ name: 'webhook', everyMs, log }, isOver =>
    unlessLocked('webhook', () => rereadAll(ports, isOver)),
  )
  reads.wake()
  return reads
}

/** Reads all that is stale now, no more than 25 a second. */
export async function rereadAll(ports: RereadPorts, isOver = () => false): Promise<void> {
  const { db, handlers, now, log, pause } = ports
  const kinds = Object.keys(handlers)
  if (kinds.length === 0) return
  for (;;) {
    const stale = await listStale(db, kinds, now(), readsASecond)
    if (stale.length === 0 || isOver()) return
    for (const row of stale) {
      if (isOver()) return
      try {
        await handlers[row.kind]?.(row.object)
        await dropStale(db, row)
      } catch (error) {
        log('warn', 'webhook.not-read', { kind: row.kind, object: row.object, error: textOf(error) })
        await deferStale(db, row, now() + backoffMs(row.attempts + 1))
      }
      await pause(1_000 / readsASecond)
    }
  }
}
