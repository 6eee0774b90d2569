// What a Conductor says of itself, kept in its folder for its owner to read: the newest two files of a megabyte. Each line has
// a number that only grows, by which a reader goes on.

import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { LogLine } from '@spoq/contracts/status'
import type { Logger } from '../http/logger.ts'

export interface OwnLog {
  write: Logger
  /** The last lines at most, after the one with this number. */
  read(asked: { lines: number; after?: number | undefined }): LogLine[]
}

const file = 'conductor-lines.jsonl'
const longestLine = 4_000

export function openOwnLog(folder: string, now: () => number, mostBytes = 1_000_000): OwnLog {
  const path = join(folder, file)
  const older = `${path}.1`
  /** Known once something was written. */
  let written: { last: number; bytes: number } | undefined

  const all = () => [...linesOf(older), ...linesOf(path)]
  const found = () => ({ last: all().at(-1)?.n ?? 0, bytes: existsSync(path) ? statSync(path).size : 0 })
  return {
    write({ level, message, error, ...fields }) {
      if (isNoise(fields)) return
      const thrown = error instanceof Error ? { error: error.message } : {}
      try {
        written ??= found()
        const { last, bytes } = written
        const at = new Date(now()).toISOString()
        const text = textOf(message, { ...fields, ...thrown })
        const line = `${JSON.stringify({ n: last + 1, at, level, text } satisfies LogLine)}\n`
        if (bytes > mostBytes) renameSync(path, older)
        written = { last: last + 1, bytes: Buffer.byteLength(line) + (bytes > mostBytes ? 0 : bytes) }
        appendFileSync(path, line, { mode: 0o600 })
      } catch {
        // A full disk is no reason to stop working, and standard error has the line.
      }
    },
    read: ({ lines, after = 0 }) =>
      all()
        .filter(({ n }) => n > after)
        .slice(-lines),
  }
}

/** Who looks whether it lives, and who reads this very log, would fill it. */
const isNoise = ({ path, status }: Record<string, unknown>) =>
  (path === '/health' || path === '/api/log') && status === 200

const textOf = (message: string, fields: Record<string, unknown>) =>
  [
    message,
    ...Object.entries(fields).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ]
    .join(' ')
    .slice(0, longestLine)

/** What a crash cut off is no line. */
function linesOf(path: string): LogLine[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap(line => {
      try {
        return line === '' ? [] : [JSON.parse(line) as LogLine]
      } catch {
        return []
      }
    })
}
