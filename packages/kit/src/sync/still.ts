// Whether something still is what it was when the sync was planned: what changed since is not touched.

import { lstatSync, readlinkSync } from 'node:fs'
import type { Entry } from './entry.ts'
import { hashFile } from './hash-file.ts'
import type { OpenFolder } from './open-folder.ts'
import { nameOf, type Place } from './place.ts'
import { type Known, stateOf } from './stat-cache.ts'

/**
 * What is known of a path, read now when what was known before does not tell whether it is still the same.
 * @param known what was read at that path before
 */
export async function knownNow(
  place: Place,
  path: string,
  was: Entry | null,
  known?: Known,
): Promise<Known | undefined> {
  if (look(place.open(path), path, was, known) !== 'unread') return known
  const at = () => place.open(path).at(nameOf(path))
  const hashed = await hashFile(at, was?.kind === 'file' ? was.size : 0)
  return hashed ? { state: stateOf(hashed.stats), sha256: hashed.sha256 } : undefined
}

/** Whether it is, in this very moment; what is not known is not the same. */
export const isStill = (folder: Pick<OpenFolder, 'at'>, path: string, was: Entry | null, known?: Known): boolean =>
  look(folder, path, was, known) === true

function look(folder: Pick<OpenFolder, 'at'>, path: string, was: Entry | null, known?: Known): boolean | 'unread' {
  const at = folder.at(nameOf(path))
  const stats = lstatSync(at, { throwIfNoEntry: false })
  if (!stats || !was) return !stats && !was
  if (was.kind === 'link') return stats.isSymbolicLink() && readlinkSync(at) === was.target
  if (!stats.isFile() || ((stats.mode & 0o100) !== 0) !== was.exec) return false
  if (known?.state === stateOf(stats)) return known.sha256 === was.sha256
  // Another size is another content.
  return stats.size === was.size ? 'unread' : false
}
