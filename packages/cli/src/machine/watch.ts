import { setTimeout as sleep } from 'node:timers/promises'
import { SpoqError } from '@spoq/contracts/problem'
import { type Interrupts, processInterrupts } from '../render/interrupts.ts'

interface Watching {
  /** What goes on after Ctrl-C, and how to see it then. */
  message: string
  next: string
  interrupts?: Interrupts | undefined
}

const everyMs = 300

/**
 * Looks again and again until there is an answer. Ctrl-C ends the looking, nothing else.
 * @throws SpoqError `interrupted`; what `look` throws.
 */
export async function watch<T>(
  { message, next, interrupts = processInterrupts }: Watching,
  look: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T> {
  const ended = new AbortController()
  const forget = interrupts(() => ended.abort())
  try {
    for (;;) {
      const answer = await look(ended.signal)
      if (answer !== undefined) return answer
      await sleep(everyMs, undefined, { signal: ended.signal })
    }
  } catch (error) {
    throw ended.signal.aborted ? new SpoqError('interrupted', { message, next }) : error
  } finally {
    forget()
  }
}
