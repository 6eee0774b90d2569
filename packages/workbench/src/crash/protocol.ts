// What the bench and the backend that it kills say to each other.

import type { Rows } from './evidence.ts'
import type { Place } from './places.ts'

export const verbs = ['provision', 'stop', 'start', 'terminate'] as const
export type Verb = (typeof verbs)[number]

/** Asks for one machine, or something of it. With `killAt` the backend dies at that place; without, it tells the places. */
export interface Order {
  verb: Verb
  /** The idempotency key: the machine is known by it. */
  key: string
  killAt: Place | null
}

/** `settled`: nothing is left to do. */
export type ToBackend = { id: number; do: 'order'; order: Order } | { id: number; do: 'settle' }

export interface Settled {
  /** Every machine there ever was, by its key. */
  machines: Record<string, Rows>
  /** The places since the order was given; since the start, when none was given. */
  passed: Place[]
}

export type FromBackend =
  | { kind: 'ready' }
  | { kind: 'settled'; id: number; settled: Settled }
  | { kind: 'failed'; id: number; error: string }
