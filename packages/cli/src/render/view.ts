import type { Writable } from 'node:stream'
import type { SessionEvent } from '@spoq/contracts/session'

/** Shows a turn as its events come in, each given once and in order. */
export interface TurnView {
  show(event: SessionEvent): void
  /** Says something beside the answer, on a line of its own. */
  note(line: string): void
  /** Done at once unless the screen or the pipe is slower than the turn. */
  ready(): Promise<void> | undefined
  /** Done once everything was written. */
  end(): Promise<void>
  /** Aborted, with the reason, once stdout takes nothing any more. */
  failed: AbortSignal
}

/** Where a view writes: the answer goes to `stdout`, all about it to `stderr`. */
export interface Screen {
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean; columns?: number }
}
