// What an archive says of itself in its last member: a line a member, then what is not as it was. The hash over the lines of
// the members stands for all of them: whoever unpacks writes the same lines from what it finds.

import { createHash } from 'node:crypto'
import * as z from 'zod/mini'

export const manifestName = 'manifest.jsonl'

/** One member, with its keys in this order. */
export interface Member {
  path: string
  type: 'file' | 'directory' | 'symlink'
  /** The permissions alone. */
  mode: number
  /** Seconds since 1970. */
  mtime: number
  size: number
  /** Of a file's content; of a link's target. */
  sha256?: string
  link?: string
}

export const lineOf = ({ path, type, mode, mtime, size, sha256, link }: Member): string =>
  `${JSON.stringify({ path, type, mode, mtime, size, sha256, link })}\n`

/** Counts and hashes members as they come. */
export function tally() {
  const hash = createHash('sha256')
  const sum = { files: 0, bytes: 0 }
  return {
    add(member: Member): string {
      const line = lineOf(member)
      hash.update(line)
      if (member.type === 'file') sum.files++
      sum.bytes += member.size
      return line
    },
    end: () => ({ ...sum, sha256: hash.digest('hex') }),
  }
}

/** The first line. */
export const head = z.object({ form: z.literal(1), machine: z.string(), conductor: z.string(), at: z.string() })

/** The last one: nothing is missing before it. */
export const tail = z.object({
  files: z.number(),
  bytes: z.number(),
  /** Over the lines of all members. */
  sha256: z.string(),
  /** What was left out: it could not be read, or is no file, folder or link. */
  skipped: z.number(),
  /** Files that changed each time they were read. */
  torn: z.number(),
})
export type Tail = z.infer<typeof tail>
