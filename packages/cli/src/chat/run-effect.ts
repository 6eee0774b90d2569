// What the chat does outside of itself, one function an effect. What comes of it goes back as a message.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { showModel } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import {
  abortTurn,
  answerApproval,
  ask,
  compactSession,
  listSessions,
  type SessionEvent,
  showSession,
  undoEdits,
} from '@spoq/contracts/session'
import { answerFrom, type ClientFiles } from '../ask/client-request.ts'
import { buildQuestion } from '../ask/question.ts'
import { followSession } from './follow-session.ts'
import type { Message } from './reduce.ts'
import type { Effect } from './step.ts'

interface Outside {
  target: Target
  /** Where @path begins, and what the agent may look at. */
  directory: string
  /** Null: no file of this computer is offered. */
  files: ClientFiles | null
  send: (message: Message) => void
}

/** The effects that speak to the machine; the others are the screen's. */
export type MachineEffect = Exclude<Effect, { do: 'suspend' | 'redraw' | 'leave' }>

export interface Outgoing {
  run(effect: MachineEffect): void
  /** Shows a session from its beginning. @throws SpoqError `session_not_found` and whatever keeps it from being shown. */
  open(session: string): Promise<void>
  /** Done once every question that was sent has arrived or failed. */
  sent(): Promise<void>
  /** The session that is shown; null: none yet. */
  session(): string | null
  end(): void
}

/** The chat's connection to its machine. */
export function outgoing({ target, directory, files, send }: Outside): Outgoing {
  let session: string | null = null
  let following = new AbortController()
  const own = new Set<string>()
  /** One question after the other: the first makes the session that the next ones go to. */
  let asking: Promise<void> = Promise.resolve()

  function show(id: string): void {
    session = id
    following.abort()
    following = new AbortController()
    const { signal } = following
    const onEvent = (event: SessionEvent) => {
      if (signal.aborted) return
      send({ type: 'event', event })
      if (event.type === 'client.request') void answer(event, signal)
    }
    const onConnection = (connection: 'connected' | 'away', trouble = '') =>
      signal.aborted || send({ type: 'connection', connection, trouble })
    followSession(target, { session: id, signal, onEvent, onConnection }).catch((error: unknown) => {
      send({ type: 'connection', connection: 'lost' })
      send({ type: 'say', text: told(error), tone: 'bad' })
    })
  }

  /** Only for the questions that were asked here: others never offered these files. */
  async function answer(event: SessionEvent & { type: 'client.request' }, signal: AbortSignal): Promise<void> {
    await asking
    if (!files || !own.has(event.turn)) return
    const leave = (error: unknown) => send({ type: 'say', text: told(error), tone: 'bad' })
    await answerFrom(files, target, event, { signal, leave })
  }

  async function sendQuestion({ id, text, model, mode }: MachineEffect & { do: 'ask' }, to: string | null) {
    try {
      const question = await buildQuestion({ words: text, input: null, files: [], directory })
      if (!question) throw new SpoqError('usage', { message: 'Nothing was asked.' })
      const body = {
        ...question,
        ...(to === null ? {} : { session: to }),
        ...(model === null ? {} : { model }),
        ...(mode === null ? {} : { mode }),
        ...(files ? { client: { directory } } : {}),
      }
      const accepted = await call(target, ask, { body })
      own.add(accepted.turn)
      if (to === null && session === null) {
        send({ type: 'opened', session: { id: accepted.session, mode: mode ?? 'ask' }, keep: true })
        show(accepted.session)
      }
      send({ type: 'accepted', id })
    } catch (error) {
      send({ type: 'refused', id, text, error: asSpoqError(error) })
    }
  }

  async function open(id: string): Promise<void> {
    const found = await call(target, showSession, { params: { session: id } })
    send({ type: 'opened', session: found, keep: false })
    show(id)
  }

  async function perform(effect: MachineEffect): Promise<void> {
    switch (effect.do) {
      case 'ask':
        asking = asking.then(() => sendQuestion(effect, session))
        return asking
      case 'answer': {
        if (session === null) return
        const { approval, decision, scope } = effect
        const sent = call(target, answerApproval, { params: { session, approval }, body: { decision, scope } })
        return sent.catch(error => send({ type: 'answer-failed', approval, error: asSpoqError(error) }))
      }
      case 'abort':
        // A question that is on its way is stopped once it is there.
        await asking
        if (session === null) return
        return call(target, abortTurn, { params: { session } }).catch(error =>
          send({ type: 'abort-failed', error: asSpoqError(error) }),
        )
      case 'list':
        return send({ type: 'sessions', ...(await call(target, listSessions)) })
      case 'open':
        return open(effect.session)
      case 'new':
        following.abort()
        session = null
        return send({ type: 'renewed' })
      case 'undo':
        if (session !== null) await call(target, undoEdits, { params: { session }, body: {} })
        return
      case 'compact': {
        if (session === null) return
        const { compacted } = await call(target, compactSession, { params: { session } })
        return compacted ? undefined : send({ type: 'say', text: 'There is nothing to gain yet.', tone: 'quiet' })
      }
      case 'show-model': {
        const { name, url } = await call(target, showModel)
        const text = name
          ? `${name}${url ? ` at ${url}` : ''} answers. /model NAME chooses another.`
          : 'No model is set.'
        return send({ type: 'say', text, tone: 'quiet' })
      }
    }
  }

  return {
    run: effect => void perform(effect).catch(error => send({ type: 'say', text: told(error), tone: 'bad' })),
    open,
    sent: () => asking,
    session: () => session,
    end: () => following.abort(),
  }
}

const asSpoqError = (error: unknown) =>
  error instanceof SpoqError ? error : new SpoqError('internal', { message: String(error), cause: error })

function told(error: unknown): string {
  const { message, next } = asSpoqError(error)
  return `${message} ${next}`
}
