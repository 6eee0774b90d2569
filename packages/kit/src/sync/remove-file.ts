// Takes a file or a link away, and the folders around it that hold nothing any more.

import { rmdirSync, unlinkSync } from 'node:fs'
import type { Entry } from './entry.ts'
import { foldersOf } from './path.ts'
import { nameOf, type Place } from './place.ts'
import { changedMeanwhile } from './refused.ts'
import type { StatCache } from './stat-cache.ts'
import { isStill, knownNow } from './still.ts'

/** Answers why it stays; null when it is gone. */
export async function removeFile(place: Place, path: string, was: Entry, cache: StatCache): Promise<string | null> {
  const known = await knownNow(place, path, was, cache.get(path))
  const folder = place.open(path)
  if (!isStill(folder, path, was, known)) return changedMeanwhile
  unlinkSync(folder.at(nameOf(path)))
  cache.delete(path)
  for (const around of foldersOf(path).reverse()) {
    try {
      rmdirSync(place.open(around).at(nameOf(around)))
    } catch {
      break
    }
  }
  return null
}
