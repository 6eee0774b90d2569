// Which content a file had when it was last read, by what the system says of it. What says the same is not read again.

import type { BigIntStats } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { writePrivately } from '../sealed-file/index.ts'

export interface Known {
  state: string
  sha256: string
}

/** By path below the folder. */
export type StatCache = Map<string, Known>

/** All that changes when a file does: size, both times, and which file it is. */
export const stateOf = ({ size, mtimeNs, ctimeNs, ino, mode }: BigIntStats): string =>
  `${size} ${mtimeNs} ${ctimeNs} ${ino} ${Number(mode) & 0o100}`

/** What was kept; nothing when that cannot be read. */
export async function readStatCache(file: string): Promise<StatCache> {
  try {
    const rows = JSON.parse(await readFile(file, 'utf8')) as [string, string, string][]
    return new Map(rows.map(([path, state, sha256]) => [path, { state, sha256 }]))
  } catch {
    return new Map()
  }
}

/** Replaces what is kept. */
export function writeStatCache(file: string, cache: StatCache): void {
  writePrivately(file, JSON.stringify([...cache].map(([path, { state, sha256 }]) => [path, state, sha256])))
}

/**
 * Whether a file was changed before the reading of its folder began. One that was changed in the same moment it was read could
 * say the same and be another: git calls it racily clean, and it is read again the next time. Clocks of disks tick more slowly
 * than ours: some in steps of a few ms, those without fractions of a second in two seconds.
 */
export function isOlder({ mtimeNs }: Pick<BigIntStats, 'mtimeNs'>, beganMs: number): boolean {
  const stepMs = mtimeNs % 1_000_000_000n === 0n ? 2_000 : 20
  return mtimeNs < BigInt(Math.floor(beganMs - stepMs)) * 1_000_000n
}
