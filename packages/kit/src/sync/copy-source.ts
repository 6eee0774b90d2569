// Where a side has a content already, so that a file that was moved does not travel.

import type { Entry, Manifest } from './entry.ts'
import { foldersOf } from './path.ts'

/** Answers, for an entry that a side is to get, which of its files has that content; undefined when none, or no room for it yet. */
export function copySource(side: Manifest): (wanted: Entry) => string | undefined {
  let byContent: Map<string, string> | undefined
  return wanted => {
    if (wanted.kind !== 'file' || foldersOf(wanted.path).some(folder => side.has(folder))) return undefined
    byContent ??= new Map(
      [...side.values()].flatMap(one => (one.kind === 'file' ? [[one.sha256, one.path] as const] : [])),
    )
    return byContent.get(wanted.sha256)
  }
}
