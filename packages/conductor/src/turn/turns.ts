// Which turn runs: one at a time in each session, in the order they were asked. Turns belong to the machine; whoever
// asked may be gone.

import { SpoqError } from '@spoq/contracts/problem'
import type { Logger } from '../http/logger.ts'
import { type Compacted, compactSession } from './compact-session.ts'
import { drive } from './drive.ts'
import type { TurnBody, TurnEvent } from './event.ts'
import { next } from './next.ts'
import type { Workshop } from './workshop.ts'

export interface Turns {
  /** Lets the session's next turn run, if none does. Call it after whatever may have made one ready. */
  wake(session: string): void
  /** Stops the session's running turn and those queued behind it; answers once that is in the log. */
  abort(session: string, by: string): Promise<void>
  /**
   * Summarises the session's earlier turns; of two wishes at the same time the second gets what comes of the first.
   * @throws as `compactSession` does.
   */
  compact(session: string, signal: AbortSignal): Promise<Compacted>
  /** What the session does just now. */
  state(session: string): 'idle' | 'running' | 'waiting'
  /** Whether any session does something; one that waits for a person does not. */
  isBusy(): boolean
  /**
   * Writes the end of a turn that could not be written for lack of room.
   * @throws SpoqError `disk_full` when there is still none.
   */
  settle(session: string): void
  /** Lets go of a session that is being deleted; answers false, and does nothing, while a turn of it runs. */
  forget(session: string): boolean
  /** Ends, with the error to tell, as soon as some turn's end cannot be written. */
  trouble(): AbortSignal
  /** After a start: ends the turns that were cut off by the last stop, and goes on with those that wait. */
  recover(): void
  /** Leaves the running turns as they are; the next start tells them as interrupted. */
  stop(): Promise<void>
}

interface Running {
  turn: string
  controller: AbortController
  /** Something happened in the session while it ran. */
  again: boolean
  done: Promise<void>
}

/** Why a turn's signal ended: by whom, or null when the Conductor itself stops. */
class Stopped extends Error {
  readonly by: string | null
  constructor(by: string | null) {
    super('stopped')
    this.by = by
  }
}

export function turnsOf(shop: Workshop, logger: Logger): Turns {
  const { store } = shop
  const running = new Map<string, Running>()
  /** Ends that wait for room on the disk. */
  const unwritten = new Map<string, { turn: string; body: TurnBody }>()
  const compacting = new Map<string, Promise<Compacted>>()
  let trouble = new AbortController()
  let stopping = false

  function wake(session: string): void {
    const current = running.get(session)
    if (current) current.again = true
    else if (!stopping && !unwritten.has(session)) start(session)
  }

  function start(session: string): void {
    const [first] = store.openTurns(session)
    if (!first) return
    const controller = new AbortController()
    const entry: Running = { turn: first.turn, controller, again: false, done: Promise.resolve() }
    running.set(session, entry)
    entry.done = toItsEnd(session, first.turn, controller.signal).then(ended => {
      running.delete(session)
      if (ended || entry.again) wake(session)
    })
  }

  /** Whether the turn has ended; a turn that waits has not. */
  async function toItsEnd(session: string, turn: string, signal: AbortSignal): Promise<boolean> {
    try {
      await drive(shop, session, turn, signal)
    } catch (error) {
      if (error instanceof Stopped && error.by === null) return false
      end(session, turn, endOf(error))
    }
    return !store.openTurns(session).some(open => open.turn === turn)
  }

  function endOf(error: unknown): TurnBody {
    if (error instanceof Stopped) return { type: 'turn.aborted', by: error.by ?? '' }
    if (!(error instanceof SpoqError)) logger({ level: 'error', message: 'a turn failed', error })
    const { code, message, next } = error instanceof SpoqError ? error : new SpoqError('internal')
    return { type: 'turn.error', code, message, next }
  }

  function end(session: string, turn: string, body: TurnBody): void {
    try {
      store.append(session, turn, [body])
    } catch (error) {
      unwritten.set(session, { turn, body })
      trouble.abort(error)
      trouble = new AbortController()
    }
  }

  function settle(session: string): void {
    const left = unwritten.get(session)
    if (!left) return
    store.append(session, left.turn, [left.body])
    unwritten.delete(session)
    wake(session)
  }

  function forget(session: string): boolean {
    if (running.has(session)) return false
    unwritten.delete(session)
    return true
  }

  async function abort(session: string, by: string): Promise<void> {
    settle(session)
    const current = running.get(session)
    for (const { turn } of store.openTurns(session))
      if (turn !== current?.turn) store.append(session, turn, [{ type: 'turn.aborted', by }])
    if (!current) return
    current.controller.abort(new Stopped(by))
    await current.done
    // It may have come to wait for a person in that very moment, and then nothing ran that could be stopped.
    if (store.openTurns(session).some(({ turn }) => turn === current.turn) && !unwritten.has(session))
      store.append(session, current.turn, [{ type: 'turn.aborted', by }])
  }

  function compact(session: string, signal: AbortSignal): Promise<Compacted> {
    const current = compacting.get(session)
    if (current) return current
    const work = compactSession(shop, session, signal).finally(() => compacting.delete(session))
    compacting.set(session, work)
    return work
  }

  const todo = (session: string, { turn, first }: { turn: string; first: number }) =>
    next(store.events(session, first - 1).filter((event: TurnEvent) => event.turn === turn))

  function state(session: string): 'idle' | 'running' | 'waiting' {
    const [first] = store.openTurns(session)
    if (!first) return 'idle'
    return todo(session, first).do === 'wait' ? 'waiting' : 'running'
  }

  const isBusy = () => running.size > 0 || compacting.size > 0

  function recover(): void {
    for (const session of store.openSessions()) {
      for (const open of store.openTurns(session))
        if (!['start', 'wait'].includes(todo(session, open).do))
          end(session, open.turn, endOf(new SpoqError('turn_interrupted')))
      wake(session)
    }
  }

  async function stop(): Promise<void> {
    stopping = true
    const all = [...running.values()]
    for (const { controller } of all) controller.abort(new Stopped(null))
    await Promise.all(all.map(({ done }) => done))
  }

  return { wake, abort, compact, state, isBusy, settle, forget, trouble: () => trouble.signal, recover, stop }
}
