// A manifest as it crosses: entries in one order, each path once, nothing that may not be there.

import { createHash } from 'node:crypto'
import { type Entry, identity, inOrder, type Manifest } from './entry.ts'
import { foldersOf, whyNoLink, whyNoPath } from './path.ts'
import { PeerRefused } from './refused.ts'

/** Most entries that a folder may have. */
export const mostEntries = 1_000_000

/** One text for all that is in a manifest: two that have the same one are the same. */
export function digestOf(manifest: Manifest): string {
  const all = digester()
  for (const one of inOrder(manifest.values())) all.add(`${JSON.stringify(one.path)} ${identity(one)}\n`)
  return all.digest()
}

/** The hash of many lines, a lot of them at a time. */
export function digester() {
  const hash = createHash('sha256')
  let lines = ''
  return {
    add(line: string): void {
      lines += line
      if (lines.length < 1 << 16) return
      hash.update(lines)
      lines = ''
    },
    digest: (): string => hash.update(lines).digest('hex'),
  }
}

/** Takes the entries that a peer sends. @throws PeerRefused for the first one that may not be there. */
export function manifestTaker(most = mostEntries) {
  const entries = new Map<string, Entry>()
  let last = ''
  return {
    entries: entries as Manifest,
    take(one: Entry): void {
      const { path } = one
      if (path === last) throw new PeerRefused('it names a path twice', path)
      if (path < last) throw new PeerRefused('its entries are out of order', path)
      assertMayBe(one)
      // In this order what a folder holds comes after the folder's own name.
      if (foldersOf(path).some(folder => entries.has(folder)))
        throw new PeerRefused('it names something below a file', path)
      if (entries.size === most) throw new PeerRefused('it names too many files')
      last = path
      entries.set(path, one)
    },
  }
}

/** @throws PeerRefused for a path or a link that may not be. */
export function assertMayBe(one: Entry): void {
  const why = whyNoPath(one.path) ?? (one.kind === 'link' ? whyNoLink(one.path, one.target) : null)
  if (why) throw new PeerRefused(`a path of it ${why}`, one.path)
}
