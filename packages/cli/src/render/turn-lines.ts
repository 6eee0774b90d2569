// A turn as JSON lines: exactly the contracts' events, one a line.

import type { Screen, TurnView } from './view.ts'
import { batched } from './writer.ts'

/** For `--json`: every event, and nothing else on stdout. */
export function turnLines({ stdout }: Screen): TurnView {
  const writer = batched(stdout)
  return {
    show: event => writer.write(jsonLine(event)),
    note: () => {},
    ready: writer.ready,
    end: writer.flush,
    failed: writer.failed,
  }
}

/** JSON leaves DEL and C1 as they are, and a terminal takes orders from them. */
export function jsonLine(value: unknown): string {
  const escaped = (character: string) => `\\u00${character.charCodeAt(0).toString(16)}`
  return `${JSON.stringify(value).replace(/[\u007f-\u009f]/g, escaped)}\n`
}
