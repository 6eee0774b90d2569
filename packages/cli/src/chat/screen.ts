// The terminal while the chat has it: another screen, no line editing of its own. Whatever happens it is given back as it
// was: when the chat ends, when it crashes, and when it is told to end.

import { writeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import type { Size } from './state.ts'

export interface TerminalStreams {
  input: Readable & { setRawMode?(raw: boolean): unknown; isTTY?: boolean; fd?: number }
  output: Writable & { columns?: number; rows?: number; isTTY?: boolean; fd?: number }
}

export interface TakenTerminal {
  /** Gives it back; harmless the second time. */
  giveBack(): void
  /** Takes it again, after it was given back for a while. */
  takeAgain(): void
}

/** Alternate screen, pastes marked as such, no wrapping at the right edge: no row ever pushes the others up. */
const enter = '\x1b[?1049h\x1b[?2004h\x1b[?7l\x1b[2J'
const leave = '\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?2004l\x1b[?25h\x1b[?1049l'

/** Takes the terminal. */
export function takeTerminal({ input, output }: TerminalStreams): TakenTerminal {
  let taken = false
  function takeAgain(): void {
    if (taken) return
    taken = true
    input.setRawMode?.(true)
    input.resume()
    output.write(enter)
  }
  function giveBack(): void {
    if (!taken) return
    taken = false
    quietly(() => input.setRawMode?.(false))
    input.pause()
    // At once: a process that ends waits for no stream.
    quietly(() => (output.fd === undefined ? output.write(leave) : writeAll(output.fd, leave)))
  }
  takeAgain()
  return { takeAgain, giveBack }
}

export const sizeOf = ({ output }: TerminalStreams): Size => ({
  columns: Math.max(1, output.columns || 80),
  rows: Math.max(1, output.rows || 24),
})

function writeAll(fd: number, text: string): void {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return void writeSync(fd, text)
    } catch (error) {
      // A terminal that is slow just now.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

/** A terminal that is gone takes nothing back. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {}
}
