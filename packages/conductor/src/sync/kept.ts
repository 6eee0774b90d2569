// What is remembered of a folder between two requests.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SyncChange } from '@spoq/contracts/sync'
import { writePrivately } from '@spoq/kit/sealed-file'
import {
  type FolderWatch,
  type Place,
  type Receiver,
  type Remembered,
  readRemembered,
  rememberedOf,
  type StatCache,
  writeRemembered,
} from '@spoq/kit/sync'
import type { OpenPlace } from './named-folder.ts'

export interface Kept {
  /** Where it stays over a restart. */
  file: string
  place: OpenPlace
  now: () => number
  known?: Remembered
  /** It holds what its file does not. */
  isNews?: boolean
  /** The folders in it that are synced, as the last look found them. */
  folders?: string[]
  /** Of those who follow what changes. */
  watch?: Pick<FolderWatch, 'follow'>
  changes?: (after: number, signal: AbortSignal) => AsyncIterable<SyncChange>
  /** What an exchange left to be gone on with. */
  open?: { place: Place; receiver: Receiver; include: string } | undefined
}

/** What is known of its files, read from its file at first. */
export function knownOf(kept: Kept): Remembered {
  kept.known ??= readRemembered(kept.file)
  return kept.known
}

/** The same for those who change it: as a whole the folder is not known any more then. */
export function cacheOf(kept: Kept): StatCache {
  kept.known = rememberedOf(knownOf(kept).cache())
  return kept.known.cache()
}

/** Which folder this is. A machine that was made anew or put back from a backup has another one of the same name. */
export function idOf(kept: Kept): string {
  try {
    const id = readFileSync(`${kept.file}.id`, 'utf8')
    if (/^[0-9a-f]{32}$/.test(id)) return id
  } catch {
    // It has none yet.
  }
  return newIdOf(kept)
}

export function newIdOf(kept: Kept): string {
  const id = randomBytes(16).toString('hex')
  writePrivately(`${kept.file}.id`, id)
  return id
}

/** Keeps the cache over a restart. Without room for it files are read again the next time. */
export function save(kept: Kept): void {
  if (!kept.isNews || !kept.known) return
  kept.isNews = false
  try {
    writeRemembered(kept.file, kept.known)
  } catch {
    kept.isNews = true
  }
}

/** Ends what was left open; unfinished files go. */
export async function close(kept: Kept): Promise<void> {
  const { open } = kept
  kept.open = undefined
  await open?.receiver.giveUp()
  await open?.place[Symbol.asyncDispose]()
}

/** Forgets a folder. */
export async function letGo(kept: Kept): Promise<void> {
  await close(kept)
  save(kept)
}
