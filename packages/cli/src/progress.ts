// What is being done just now, on stderr: a line that moves on a terminal, else a line a step.

import type { Terminal } from './terminal.ts'

export interface Progress {
  /** Says what is being done now. The same text twice is said once. */
  step(text: string): void
  /** Ends well; with a text, that is the last line. */
  done(text?: string): void
  /** Ends without a word: an error says more. */
  stop(): void
}

interface Options {
  terminal: Terminal
  /** With --json nothing but the result is said. */
  json: boolean
}

/** Shows progress on stderr. */
export async function startProgress({ terminal, json }: Options): Promise<Progress> {
  if (json) return silent
  return terminal.animated ? spinning() : plain()
}

const silent: Progress = { step: () => {}, done: () => {}, stop: () => {} }

function plain(): Progress {
  let last = ''
  const say = (text: string) => {
    if (text !== last) console.error(text)
    last = text
  }
  return { step: text => say(`${text} …`), done: text => text && say(text), stop: () => {} }
}

async function spinning(): Promise<Progress> {
  const { default: ora } = await import('ora')
  // Ctrl-C must reach the command: ora would swallow it.
  const spinner = ora({ stream: process.stderr, discardStdin: false })
  return {
    step: text => void spinner.start(text),
    done: text => void (text ? spinner.succeed(text) : spinner.stop()),
    stop: () => void spinner.stop(),
  }
}
