// `spoq session export`: one session or all, as pages to read or as everything the machine's log holds.

import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { type ExportedEvent, exportSession, listSessions, type Session, showSession } from '@spoq/contracts/session'
import { jsonLine } from '../render/turn-lines.ts'
import { markdownHead, markdownOf } from './markdown.ts'

export type Format = 'md' | 'json'

/** Stands in the file, so that a program can tell what it reads. */
const formatName = 'spoq-sessions-1'

/** The sessions to export. @throws SpoqError `session_not_found`. */
export async function sessionsToExport(target: Target, id: string | 'all'): Promise<Session[]> {
  if (id !== 'all') return [await call(target, showSession, { params: { session: id } })]
  const { sessions } = await call(target, listSessions, { query: { limit: most } })
  if (sessions.length < most) return sessions
  throw new SpoqError('too_large', {
    message: `There are more than ${most - 1} sessions on this machine.`,
    next: 'Export them one by one.',
  })
}

const most = 500

/** The text of an export, piece by piece. */
export async function* exportText(
  target: Target,
  sessions: readonly Session[],
  format: Format,
): AsyncGenerator<string> {
  yield* format === 'md' ? markdown(target, sessions) : json(target, sessions)
}

async function* markdown(target: Target, sessions: readonly Session[]): AsyncGenerator<string> {
  for (const [index, session] of sessions.entries()) {
    yield `${index > 0 ? '\n---\n\n' : ''}${markdownHead(session)}`
    for await (const event of eventsOf(target, session)) yield markdownOf(event)
  }
}

async function* json(target: Target, sessions: readonly Session[]): AsyncGenerator<string> {
  yield `{"format":"${formatName}","sessions":[`
  for (const [index, session] of sessions.entries()) {
    yield `${index > 0 ? ',' : ''}\n{"session":${jsonLine(session).trimEnd()},"events":[`
    let isFirst = true
    for await (const event of eventsOf(target, session)) {
      yield `${isFirst ? '' : ','}\n${jsonLine(event).trimEnd()}`
      isFirst = false
    }
    yield '\n]}'
  }
  yield '\n]}\n'
}

function eventsOf(target: Target, { id, lastEvent }: Session): AsyncGenerator<ExportedEvent> {
  const isLast = (event: ExportedEvent) => event.id >= lastEvent
  return follow(target, exportSession, { params: { session: id }, isLast })
}
