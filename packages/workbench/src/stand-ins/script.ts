// What the stand-ins of model vendors answer, whatever the form of their API: a list of replies, one a call.

import type { ServerResponse } from 'node:http'
import type * as z from 'zod'
import { write } from './http.ts'

export interface Tokens {
  input: number
  output: number
  /** Of the input, what the vendor had cached. */
  cached: number
}

/** An answer as it streams: text in these pieces, then these calls. */
export interface Answer {
  pieces?: Iterable<string>
  calls?: { id?: string; name: string; input: unknown }[]
  /** Breaks the connection where a proper end would stand; `ended` closes it as if all were said. */
  cut?: boolean | 'ended'
  /** Default: 7 tokens in, one a piece out, none cached. */
  tokens?: Partial<Tokens>
  /** The vendor's filter ends it. */
  filtered?: boolean
  /** What stands there in the place of an event is no JSON. */
  malformed?: boolean
  /** Between two pieces. */
  paceMs?: number
  /** After the pieces: silence until the caller goes away. */
  hang?: boolean
}

/** Refused with this status and message, in the vendor's own form. */
export interface Refusal {
  status: number
  message: string
  /** Seconds. */
  retryAfter?: number
}

/** What one call of the model is answered with. `silent`: nothing at all, not even a status. */
export type Reply = Answer | Refusal | { silent: true }

export interface Asked {
  /** The value of the header that carries the key. */
  key: string | undefined
  body: unknown
}

export type Script = readonly Reply[] | ((asked: Asked, index: number) => Reply)

/** The reply to the call with this number; a list repeats its last one. */
function replyTo<A>(script: readonly Reply[] | ((asked: A, index: number) => Reply), asked: A, index: number): Reply {
  const reply = typeof script === 'function' ? script(asked, index) : (script[index] ?? script.at(-1))
  return reply ?? { status: 500, message: 'the script has no reply' }
}

type Refuse = (status: number, message: string, headers: object) => void

/** Writes a call down and gives what to answer it with; null when that was done: it was refused, or is left in silence. */
export function nextReply<A extends Asked>(
  script: readonly Reply[] | ((asked: A, index: number) => Reply),
  asked: A[],
  one: A,
  refuse: Refuse,
): Answer | null {
  asked.push(one)
  const reply = replyTo(script, one, asked.length - 1)
  if ('silent' in reply) return null
  if (!('status' in reply)) return reply
  const { status, message, retryAfter } = reply
  refuse(status, message, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
  return null
}

/** What is wrong with a request's body by its closed shape; null when nothing is. */
export function wrongIn(shape: z.ZodType, body: unknown): string | null {
  const parsed = shape.safeParse(body)
  if (parsed.success) return null
  const [issue] = parsed.error.issues
  return `${issue?.path.join('.')}: ${issue?.message}`
}

export function tokensOf({ pieces = [], tokens = {} }: Answer): Tokens {
  return { input: 7, output: [...pieces].length, cached: 0, ...tokens }
}

/** Writes server-sent events, each with its name where the vendor gives one. */
export function eventsTo(response: ServerResponse, named: boolean) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  return async (data: object) => {
    const name = named ? `event: ${(data as { type: string }).type}\n` : ''
    await write(response, `${name}data: ${JSON.stringify(data)}\n\n`)
  }
}

/** What ends an answer too early; answers whether it has. */
export async function breakOff(response: ServerResponse, { cut, hang, malformed }: Answer): Promise<boolean> {
  if (malformed) await write(response, 'data: {"half": \n\n')
  if (malformed || cut === 'ended') response.end()
  else if (cut) setImmediate(() => response.destroy())
  return Boolean(cut || hang || malformed)
}
