// What stands in the heads of frames. A sync is a `look`, answered by what the machine has, and then any number of
// exchanges: what the machine shall do and get, answered by how that went and by the files that were asked for.

import * as z from 'zod/mini'
import { entry } from './entry.ts'
import { PeerRefused } from './refused.ts'

const path = z.string().check(z.maxLength(4096))
const paths = z.array(path).check(z.maxLength(20_000))
const count = z.number().check(z.int(), z.minimum(0))
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/))

const action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('put'), entry, was: z.nullable(entry), copy: z.optional(path) }),
  z.object({ kind: z.literal('remove'), path, was: entry }),
])

/** A piece of a file; `gone` in its place says why the rest of it does not come. */
const piece = z.object({ path, offset: count, bytes: count, gone: z.optional(z.string().check(z.maxLength(200))) })
export type Piece = z.infer<typeof piece>

const named = z.object({ path, why: z.string().check(z.maxLength(400)) })
export type Named = z.infer<typeof named>

const isLarge = z.maxLength(20_000)

export const message = z.discriminatedUnion('type', [
  /** `know`: the digest of the manifest that need not be told again. `only`: what stands at these paths. */
  z.object({ type: z.literal('look'), know: z.nullable(hash), include: paths, only: z.optional(paths) }),
  /** Which folder this is: another one when what it was told before is gone. */
  z.object({ type: z.literal('folder'), id: z.string().check(z.regex(/^[0-9a-f]{32}$/)) }),
  z.object({ type: z.literal('same') }),
  z.object({ type: z.literal('entries'), entries: z.array(entry).check(isLarge) }),
  /** What is there and stays there: by rule, or because it cannot cross. */
  z.object({ type: z.literal('left'), left: paths, refused: z.array(named).check(isLarge) }),
  z.object({ type: z.literal('exchange'), include: paths }),
  z.object({ type: z.literal('do'), actions: z.array(action).check(isLarge) }),
  z.object({ type: z.literal('want'), files: z.array(entry).check(isLarge) }),
  z.object({ type: z.literal('pack'), pieces: z.array(piece).check(isLarge) }),
  /** What was not done, by its path; all else was. */
  z.object({ type: z.literal('failed'), failed: z.array(named).check(isLarge) }),
  /** Without it a stream was cut off. */
  z.object({ type: z.literal('end') }),
])
export type Message = z.infer<typeof message>
export type MessageOf<T extends Message['type']> = Extract<Message, { type: T }>

/** The message in a frame's head. @throws PeerRefused when it is none. */
export function messageIn(head: unknown): Message {
  const read = message.safeParse(head)
  if (read.success) return read.data
  throw new PeerRefused(`it sends a message that is not understood (${read.error.issues[0]?.path.join('.') ?? ''})`)
}

/** A list in parts that each fit into a frame. */
export function* parts<T>(all: Iterable<T>, most = 5_000): Generator<T[]> {
  let part: T[] = []
  for (const one of all) {
    part.push(one)
    if (part.length < most) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}
