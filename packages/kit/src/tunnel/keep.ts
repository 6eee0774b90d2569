// The machine's side: keeps one connection to the gateway for as long as it lives.

import { once } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs, longestMs } from './backoff.ts'
import { drain } from './cut.ts'
import { DialFailed, dial, type Gateway } from './dial.ts'
import { type Limits, usualLimits } from './protocol.ts'
import { type Serving, serveOn } from './serve.ts'

export interface TunnelOptions extends Gateway, Serving {
  limits?: Partial<Limits>
  /** Told whenever the state changes. */
  changed?: (state: TunnelState) => void
  now?: () => number
  random?: () => number
  /** Passes so many ms, or less when the signal says so. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface TunnelState {
  /** `refused`: the gateway does not take the token; it is tried again now and then all the same. */
  state: 'connecting' | 'connected' | 'refused'
  /** Since when, in ms since 1970. */
  since: number
  /** Why the last try failed. */
  error: string | null
}

export interface Tunnel {
  state(): TunnelState
  /** Connects no more; what is being answered gets so many ms, 500 when nothing is said. */
  stop(patienceMs?: number): Promise<void>
}

/** A connection that ended sooner counts as a failed try: else a gateway that closes at once would be dialled in a loop. */
const steadyMs = 10_000
const graceMs = 500

/** Dials, serves, and dials again for as long as it takes. */
export function keepTunnel(options: TunnelOptions): Tunnel {
  const { now = Date.now, random = Math.random, pause = usualPause, changed = () => {} } = options
  const limits = { ...usualLimits, ...options.limits }
  const ending = new AbortController()
  const sessions = new Map<ServerHttp2Session, Duplex>()
  let state: TunnelState = { state: 'connecting', since: now(), error: null }
  const become = (next: TunnelState['state'], error: string | null = null) => {
    const since = next === state.state ? state.since : now()
    state = { state: next, since, error }
    changed(state)
  }

  /** Settles when another connection is needed: this one ended, or the gateway wants to go. */
  async function connection(): Promise<void> {
    const { socket, head } = await dial(options, ending.signal)
    if (ending.signal.aborted) return void socket.destroy()
    const session = serveOn(socket, head, options, limits)
    sessions.set(session, socket)
    const closed = once(session, 'close').then(() => void sessions.delete(session))
    become('connected')
    await Promise.race([closed, once(session, 'goaway')])
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!ending.signal.aborted) {
      const began = now()
      let least = 0
      try {
        await connection()
        if (now() - began >= steadyMs) failures = 0
        become('connecting', 'the connection ended')
      } catch (error) {
        const isRefused = error instanceof DialFailed && (error.status === 401 || error.status === 403)
        become(isRefused ? 'refused' : 'connecting', (error as Error).message)
        least = isRefused ? longestMs : error instanceof DialFailed ? error.retryAfterMs : 0
      }
      failures += 1
      if (!ending.signal.aborted) await pause(backoffMs(failures, random, least), ending.signal)
    }
  }

  const running = run()
  return {
    state: () => state,
    async stop(patienceMs = graceMs) {
      ending.abort()
      await Promise.all([...sessions].map(([session, socket]) => drain(session, socket, patienceMs)))
      await running
    },
  }
}

const usualPause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {})
