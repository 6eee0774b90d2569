// Structured logs: a line of JSON an event. What is logged is named field by field, so that no secret slips in.

export type Level = 'debug' | 'info' | 'warn' | 'error'
type Fields = Record<string, string | number | boolean | null | undefined>

/** `log('info', 'machine.state', {machine, from, to})`: noun and verb, then the facts. */
export type Log = (level: Level, event: string, fields?: Fields) => void

const ranks: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/** A log that leaves out what is below `least`. `write` gets whole lines. */
export function openLog(least: Level, write: (line: string) => void, now: () => number): Log {
  return (level, event, fields = {}) => {
    if (ranks[level] < ranks[least]) return
    write(`${JSON.stringify({ at: new Date(now()).toISOString(), level, event, ...fields })}\n`)
  }
}

/** For the log alone: what was thrown, with where. Never for an answer. */
export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
