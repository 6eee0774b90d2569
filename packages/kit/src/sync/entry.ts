// What a manifest says of one path. Folders are not listed: they are there when something is in them.

import * as z from 'zod/mini'

const path = z.string().check(z.minLength(1), z.maxLength(4096))

const fileEntry = z.object({
  kind: z.literal('file'),
  path,
  size: z.number().check(z.int(), z.minimum(0)),
  /** In ms. Two files that differ in it alone are the same. */
  mtime: z.number().check(z.int(), z.minimum(0), z.maximum(253_402_300_799_000)),
  /** Whether its owner may execute it. */
  exec: z.boolean(),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
})

const linkEntry = z.object({
  kind: z.literal('link'),
  path,
  target: z.string().check(z.minLength(1), z.maxLength(4096)),
})

export const entry = z.discriminatedUnion('kind', [fileEntry, linkEntry])
export type Entry = z.infer<typeof entry>
export type FileEntry = z.infer<typeof fileEntry>

/** Entries by their paths. */
export type Manifest = ReadonlyMap<string, Entry>

/** All that counts of an entry but its path, as one text. */
export const identity = (one: Entry): string =>
  one.kind === 'link' ? `link ${one.target}` : `file ${one.sha256} ${one.exec ? 'x' : '-'}`

/** Whether both are the same thing, or both nothing. */
export function isSame(a: Entry | null | undefined, b: Entry | null | undefined): boolean {
  if (!a || !b) return !a && !b
  return identity(a) === identity(b)
}

/** Entries in the one order that manifests have. */
export const inOrder = (entries: Iterable<Entry>): Entry[] =>
  [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
