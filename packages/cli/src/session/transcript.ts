// A whole session for a person: each question, and what followed as `spoq ask` shows it.

import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { type SessionEvent, sessionEvents, showSession } from '@spoq/contracts/session'
import type { TurnView } from '../render/view.ts'
import { oneLine } from '../render/visible.ts'
import { isReaderGone } from '../render/writer.ts'

/**
 * Shows a session up to its newest event. A reader that goes away ends it quietly.
 * @param ask shows a question, before what follows it.
 * @throws SpoqError `session_not_found`, `machine_unreachable`.
 */
export async function showTranscript(
  target: Target,
  session: string,
  view: TurnView,
  ask: (event: SessionEvent & { type: 'turn.queued' }) => void,
): Promise<void> {
  const { lastEvent, state } = await call(target, showSession, { params: { session } })
  const isLast = ({ id }: SessionEvent) => id >= lastEvent
  try {
    for await (const event of follow(target, sessionEvents, { params: { session }, isLast, signal: view.failed })) {
      if (event.type === 'turn.queued') ask(event)
      view.show(event)
      for (const line of endLines(event)) view.note(line)
      await view.ready()
    }
    if (state === 'running') view.note('· the turn is still running')
    if (state === 'waiting') view.note('· the turn waits for an approval')
  } catch (error) {
    if (!isReaderGone(view.failed.aborted ? view.failed.reason : error)) throw error
  } finally {
    await view.end()
  }
}

/** What `spoq ask` says as its own last words. */
function endLines(event: SessionEvent): string[] {
  if (event.type === 'turn.error') return [`· ${oneLine(event.message)}`]
  return event.type === 'turn.aborted' ? [`· stopped by ${oneLine(event.by)}`] : []
}
