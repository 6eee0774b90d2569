// Where a conversation can be cut in two, and what the model is told of the part before. Pure.

import type { ModelMessage } from 'ai'
import type { Shown, TurnEvent } from './event.ts'

export type CompactedBody = Shown<'context.compacted'>

/** Of the questions that are told word for word, beside the one that is being worked on; the oldest are dropped first. */
export const mostQuestionBytes = 16 << 10

/** The newest compaction of a session. */
export function compactionIn(events: readonly TurnEvent[]): CompactedBody | undefined {
  return events.findLast(({ body }) => body.type === 'context.compacted')?.body as CompactedBody | undefined
}

/**
 * The ids of the events behind which the conversation may be cut: no call is open there, and no answer half said. Only
 * those that the newest compaction does not cover.
 */
export function cutsIn(events: readonly TurnEvent[]): number[] {
  const after = compactionIn(events)?.upTo ?? 0
  const open = new Map<string, string>()
  const halfSaid = new Set<string>()
  const cuts: number[] = []
  for (const { id, turn, body } of events) {
    if (body.type === 'text.delta') halfSaid.add(turn)
    else if (body.type === 'step.done') {
      halfSaid.delete(turn)
      for (const call of body.messages.flatMap(callIdsOf)) open.set(call, turn)
    } else if (body.type === 'tool.result') open.delete(body.call)
    else if (isEnd(body)) {
      halfSaid.delete(turn)
      for (const [call, of] of open) if (of === turn) open.delete(call)
    } else continue
    const whole = body.type === 'tool.result' || isEnd(body)
    if (whole && open.size === 0 && halfSaid.size === 0 && id > after) cuts.push(id)
  }
  return cuts
}

/**
 * The oldest cut behind which what is left fits; the newest one when none does. Null when there is none.
 * @param fits asked of few cuts: the later one is, the less it leaves.
 */
export function oldestFitting(cuts: readonly number[], fits: (cut: number) => boolean): number | null {
  let [from, to] = [0, cuts.length - 1]
  while (from < to) {
    const middle = (from + to) >> 1
    if (fits(cuts[middle] as number)) to = middle
    else from = middle + 1
  }
  return cuts[from] ?? null
}

/** What the model is told in the place of what was summarised. @param questions the oldest first. */
export function headOf(summary: string, questions: readonly string[]): string {
  const kept = newestWithin(questions, mostQuestionBytes)
  const dropped = questions.length - kept.length
  return [
    '[The earlier part of our conversation was summarised to make room.]',
    ...(kept.length > 0 ? ['', 'What I asked in it, word for word:'] : []),
    ...(dropped > 0 ? [`[${dropped} older ones are left out]`] : []),
    ...kept.map(question => `<question>\n${question}\n</question>`),
    '',
    'The summary:',
    summary,
  ].join('\n')
}

function newestWithin(texts: readonly string[], bytes: number): string[] {
  let room = bytes
  const kept: string[] = []
  for (const text of texts.toReversed()) {
    room -= Buffer.byteLength(text)
    if (room < 0) break
    kept.unshift(text)
  }
  return kept
}

const isEnd = ({ type }: { type: string }) => type === 'turn.done' || type === 'turn.error' || type === 'turn.aborted'

function callIdsOf(message: ModelMessage): string[] {
  if (message.role !== 'assistant' || typeof message.content === 'string') return []
  return message.content.flatMap(part => (part.type === 'tool-call' ? [part.toolCallId] : []))
}
