// Puts whole files in their places: on the disk first, then under their names. Many go a batch at a time, while others still
// come, so that the line rests for none of it.

import { setImmediate as turn } from 'node:timers/promises'
import { allOnDisk, oneOnDisk } from './on-disk.ts'
import { nameOf, type Place } from './place.ts'
import { reasonOf } from './refused.ts'
import { abandon, commit, type Staged } from './stage.ts'
import type { StatCache } from './stat-cache.ts'

export interface Placing {
  /** Takes one that is whole; waits when the disk does not keep up. */
  add(staged: Staged, bytes: number): Promise<void>
  /** Puts one in its place now: it needs no disk before. Answers why it could not. */
  now(staged: Staged): Promise<string | null>
  /** All are in their places, and on the disk, but for those that could not be. @throws what the system says of the disk. */
  finish(): Promise<void>
  /** Takes away those that are not in their places. */
  giveUp(): Promise<void>
}

/** Files up to so many go to the disk one by one. */
const few = 16
const batchBytes = 64 << 20
const batchFiles = 2_000
const sliceMs = 8

/** @param failed told of each that could not take its place */
export function placing(place: Place, cache: StatCache, failed: (path: string, why: string) => void): Placing {
  let waiting: Staged[] = []
  let bytes = 0
  let hasBatches = false
  /** Never rejects. */
  let running: Promise<void> = Promise.resolve()
  let broken: { error: unknown } | undefined

  async function now(staged: Staged): Promise<string | null> {
    const { path, kind } = staged.entry
    const known = await commit(place, staged, cache.get(path))
    if (typeof known === 'string') return known
    if (kind === 'file') cache.set(path, known)
    else cache.delete(path)
    return null
  }

  async function each(all: readonly Staged[], work: (one: Staged) => Promise<string | null>): Promise<void> {
    let began = performance.now()
    for (const one of all) {
      try {
        const why = await work(one)
        if (why) failed(one.entry.path, why)
      } catch (error) {
        failed(one.entry.path, reasonOf(error))
      }
      if (performance.now() - began < sliceMs) continue
      await turn()
      began = performance.now()
    }
  }

  function begin(): void {
    const batch = waiting
    ;[waiting, bytes, hasBatches] = [[], 0, true]
    running = allOnDisk(place.root)
      .then(() => each(batch, now))
      .catch((error: unknown) => {
        broken ??= { error }
        for (const one of batch) abandon(place, one)
      })
  }

  async function settled(): Promise<void> {
    await running
    if (broken) throw broken.error
  }

  async function finish(): Promise<void> {
    await settled()
    if (hasBatches || waiting.length > few) {
      begin()
      await settled()
      await allOnDisk(place.root)
    } else await finishFew()
    hasBatches = false
  }

  async function finishFew(): Promise<void> {
    const batch = waiting
    ;[waiting, bytes] = [[], 0]
    const onDisk = (await Promise.all(batch.map(isOnDisk))).flatMap((is, at) => (is ? (batch[at] ?? []) : []))
    await each(onDisk, now)
    await each(byFolder(onDisk), async ({ entry }) => {
      await oneOnDisk(place.open(entry.path).at('.'))
      return null
    })
  }

  async function isOnDisk(one: Staged): Promise<boolean> {
    try {
      await oneOnDisk(place.open(one.entry.path).at(one.temporary))
      return true
    } catch (error) {
      failed(one.entry.path, reasonOf(error))
      abandon(place, one)
      return false
    }
  }

  return {
    now,
    finish,
    add: async (staged, size) => {
      waiting.push(staged)
      bytes += size
      if (bytes < batchBytes && waiting.length < batchFiles) return
      await settled()
      begin()
    },
    giveUp: async () => {
      await running
      for (const one of waiting) abandon(place, one)
      ;[waiting, bytes, hasBatches, broken] = [[], 0, false, undefined]
    },
  }
}

/** One of each folder. */
function byFolder(all: readonly Staged[]): Staged[] {
  const folderOf = ({ entry: { path } }: Staged) => path.slice(0, path.length - nameOf(path).length)
  return [...new Map(all.map(one => [folderOf(one), one])).values()]
}
