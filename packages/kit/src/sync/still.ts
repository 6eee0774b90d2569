// Whether something still is what it was when the sync was planned: what changed since is not touched.

import { lstatSync } from 'node:fs'
import { readlink } from 'node:fs/promises'
import type { Folder } from '../files/index.ts'
import type { Entry } from './entry.ts'
import { hashFile } from './hash-file.ts'
import { nameOf } from './place.ts'
import { type Known, stateOf } from './stat-cache.ts'

/** @param known what was read at that path before, so that it need not be read again */
export async function isStill(folder: Folder, path: string, was: Entry | null, known?: Known): Promise<boolean> {
  const at = folder.at(nameOf(path))
  const stats = lstatSync(at, { bigint: true, throwIfNoEntry: false })
  if (!stats || !was) return !stats && !was
  if (was.kind === 'link') return stats.isSymbolicLink() && (await readlink(at)) === was.target
  if (!stats.isFile() || ((Number(stats.mode) & 0o100) !== 0) !== was.exec) return false
  if (known?.state === stateOf(stats)) return known.sha256 === was.sha256
  return (await hashFile(at, Number(stats.size)))?.sha256 === was.sha256
}
