// What stands at some paths now, without a look at all the others.

import { lstatSync, readlinkSync } from 'node:fs'
import type { Entry } from './entry.ts'
import { fileEntry } from './file-entry.ts'
import { hashFile } from './hash-file.ts'
import { whyNoLink, whyNoPath } from './path.ts'
import { nameOf, type Place } from './place.ts'
import { isOlder, type StatCache, stateOf } from './stat-cache.ts'

/** `undefined`: nothing is there. `unclear`: a folder, or what has to be judged with all that is around it. */
export type Found = Entry | 'unclear' | undefined

/** Reads one path; what it learns is kept. */
export async function scanPath(place: Place, path: string, cache: StatCache): Promise<Found> {
  if (whyNoPath(path)) return 'unclear'
  try {
    const at = place.open(path).at(nameOf(path))
    const stats = lstatSync(at, { throwIfNoEntry: false })
    if (!stats) return undefined
    if (stats.isSymbolicLink()) {
      const target = readlinkSync(at)
      return whyNoLink(path, target) ? 'unclear' : { kind: 'link', path, target }
    }
    if (!stats.isFile()) return 'unclear'
    const known = cache.get(path)
    const hashed =
      known?.state === stateOf(stats)
        ? { sha256: known.sha256, stats }
        : await hashFile(() => place.open(path).at(nameOf(path)), stats.size)
    if (!hashed) return 'unclear'
    if (isOlder(hashed.stats, Date.now())) cache.set(path, { state: stateOf(hashed.stats), sha256: hashed.sha256 })
    else cache.delete(path)
    return fileEntry(path, hashed.stats, hashed.sha256)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unclear'
  }
}
