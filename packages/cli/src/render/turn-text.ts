// A turn for a person: the answer on stdout as it comes, what the agent does as dim lines on stderr.

import type { Scope, SessionEvent } from '@spoq/contracts/session'
import { Chalk } from 'chalk'
import { colorLevel } from './color-level.ts'
import type { Screen, TurnView } from './view.ts'
import { cut, visible } from './visible.ts'
import { wrappedAsItComes } from './wrap.ts'
import { batched } from './writer.ts'

/** The view of `spoq ask`. Readable at 40 columns; without a terminal the answer is plain text and has no last line about cost. */
export function turnText({ stdout, stderr }: Screen): TurnView & { heading(text: string): void } {
  const writer = batched(stdout)
  const { dim } = new Chalk({ level: colorLevel('stderr', stderr.isTTY ?? false) })
  const width = stderr.isTTY ? (stderr.columns || 80) - 1 : Number.POSITIVE_INFINITY
  const wrapping = wrappedAsItComes(stdout.isTTY ? (stdout.columns ?? 0) : 0)
  let atLineStart = true

  function text(piece: string): void {
    const shown = visible(piece)
    if (shown === '') return
    writer.write(wrapping.take(shown))
    atLineStart = shown.endsWith('\n')
  }

  function note(line: string): void {
    if (!atLineStart) text('\n')
    void writer.flush()
    stderr.write(`${dim(line)}\n`)
  }

  /** A text of ours on lines of its own, on stdout. */
  function heading(lines: string): void {
    if (!atLineStart) text('\n')
    writer.write(`${lines}\n`)
    atLineStart = true
  }

  function show(event: SessionEvent): void {
    if (event.type === 'text.delta') text(event.text)
    for (const line of linesOf(event, width)) note(line)
    if (event.type === 'turn.done' && stderr.isTTY) for (const line of costLines(event, width)) note(line)
  }

  function end(): Promise<void> {
    if (!atLineStart) text('\n')
    return writer.flush()
  }

  return { show, note, heading, ready: writer.ready, end, failed: writer.failed }
}

function linesOf(event: SessionEvent, width: number): string[] {
  switch (event.type) {
    case 'turn.started':
      return event.model === 'demo' ? ['· demo model: scripted, not AI'] : []
    case 'model.fell_back':
      return [cut(`· ${event.to} answers in the place of ${event.from}: ${event.reason}`, width)]
    case 'instructions.read':
      return event.notes.map(note => cut(`· ${note}`, width))
    case 'context.compacted':
      return [cut('· earlier turns were summarised', width)]
    case 'tool.call':
      return [cut(`· ${event.title}`, width)]
    case 'tool.result':
      return event.failed ? [cut(`· failed: ${event.output}`, width)] : []
    case 'approval.answered':
      return [
        cut(`· ${event.decision === 'allow' ? 'allowed' : 'denied'} by ${event.by}${lasting(event.scope)}`, width),
      ]
    case 'edits.undone':
      return [cut(`· ${event.by} took back the edits of: ${event.done.map(({ path }) => path).join(', ')}`, width)]
    default:
      return []
  }
}

const lasting = (scope: Scope = 'once') => (scope === 'once' ? '' : ` (${scope})`)

function costLines(event: SessionEvent & { type: 'turn.done' }, width: number): string[] {
  const { inputTokens, outputTokens } = event.usage
  const parts = [
    `${count(inputTokens)} + ${count(outputTokens)} tokens`,
    ...(event.costMicros === null ? [] : [`$${(event.costMicros / 1e6).toFixed(4)}`]),
    event.session,
  ]
  const one = `· ${parts.join(' · ')}`
  return one.length <= width ? [one] : parts.map(part => `· ${part}`)
}

const count = (tokens: number) => tokens.toLocaleString('en-US')
