// Which content a file had when it was last read, by what the system says of it. What says the same is not read again.

import type { Stats } from 'node:fs'
import { readHeaded, writeHeaded } from './headed-file.ts'

export interface Known {
  state: string
  sha256: string
}

/** By path below the folder. */
export type StatCache = Map<string, Known>

/** A folder as it was when all in it was known: what the walk through it said, in one word, and what it held. */
export interface Whole {
  walked: string
  digest: string
}

export interface Remembered {
  /** Read when it is asked for: when the folder is as it was it is not. */
  cache: () => StatCache
  whole: Whole | null
}

/** All that changes when a file does: size, both times, and which file it is. */
export const stateOf = ({ size, mtimeMs, ctimeMs, ino, mode }: Stats): string =>
  `${size} ${mtimeMs} ${ctimeMs} ${ino} ${mode & 0o100}`

/** What of it manifests tell. */
export function statsIn(state: string): Pick<Stats, 'size' | 'mtimeMs' | 'mode'> {
  const [size = 0, mtimeMs = 0, , , mode = 0] = state.split(' ').map(Number)
  return { size, mtimeMs, mode }
}

export const nothingKnown = (): Remembered => rememberedOf(new Map())

export const rememberedOf = (cache: StatCache, whole: Whole | null = null): Remembered => ({
  cache: () => cache,
  whole,
})

/** What was kept; nothing when that cannot be read. */
export function readRemembered(file: string): Remembered {
  try {
    const { head, body } = readHeaded(file)
    let cache: StatCache | undefined
    return {
      cache: () => {
        cache ??= cacheIn(body())
        return cache
      },
      whole: (head as { whole: Whole | null }).whole,
    }
  } catch {
    return nothingKnown()
  }
}

function cacheIn(text: string): StatCache {
  try {
    const rows = JSON.parse(text) as [string, string, string][]
    return new Map(rows.map(([path, state, sha256]) => [path, { state, sha256 }]))
  } catch {
    return new Map()
  }
}

/** Replaces what is kept. */
export function writeRemembered(file: string, { cache, whole }: Remembered): void {
  const rows = [...cache()].map(([path, { state, sha256 }]) => [path, state, sha256])
  writeHeaded(file, { whole }, JSON.stringify(rows))
}

/**
 * Whether a file was changed before the reading of its folder began. One that was changed in the same moment it was read could
 * say the same and be another: git calls it racily clean, and it is read again the next time. Clocks of disks tick more slowly
 * than ours: some in steps of a few ms, those without fractions of a second in two seconds.
 */
export function isOlder({ mtimeMs }: Pick<Stats, 'mtimeMs'>, beganMs: number): boolean {
  const stepMs = mtimeMs % 1_000 === 0 ? 2_000 : 20
  return mtimeMs < beganMs - stepMs
}
