// Takes a file or a link away, and the folders around it that hold nothing any more.

import { rm, rmdir } from 'node:fs/promises'
import type { Entry } from './entry.ts'
import { foldersOf } from './path.ts'
import { nameOf, type Place } from './place.ts'
import { changedMeanwhile } from './refused.ts'
import type { StatCache } from './stat-cache.ts'
import { isStill } from './still.ts'

/** Answers why it stays; null when it is gone. */
export async function removeFile(place: Place, path: string, was: Entry, cache: StatCache): Promise<string | null> {
  const folder = await place.open(path)
  if (!(await isStill(folder, path, was, cache.get(path)))) return changedMeanwhile
  await rm(folder.at(nameOf(path)), { force: true })
  cache.delete(path)
  for (const around of foldersOf(path).reverse()) {
    const parent = await place.open(around)
    try {
      await rmdir(parent.at(nameOf(around)))
    } catch {
      break
    }
  }
  return null
}
