// What the Conductor and the runner of its commands tell each other: a line of JSON each.

import type { Readable } from 'node:stream'
import * as z from 'zod/mini'

/** To the runner. */
export const order = z.union([
  z.object({
    start: z.number(),
    command: z.array(z.string()),
    cwd: z.string(),
    env: z.record(z.string(), z.string()),
  }),
  z.object({ kill: z.number() }),
])
export type Order = z.infer<typeof order>

/** From the runner. Whatever runs as its user could have written it: it is checked, and believed about commands alone. */
export const report = z.union([
  z.object({ of: z.number(), to: z.enum(['stdout', 'stderr']), data: z.base64() }),
  z.object({ of: z.number(), status: z.nullable(z.int()), signal: z.nullable(z.string()) }),
  z.object({ of: z.number(), failed: z.string(), code: z.optional(z.string()) }),
])
export type Report = z.infer<typeof report>

export const toLine = (message: Order | Report): string => `${JSON.stringify(message)}\n`

/** Far more than a piece of output or a command line takes. */
const longest = 4 << 20

/** The lines of a stream, to its end. @throws Error for one that does not end. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longest) throw new Error('a line without an end')
    yield* lines
  }
}
