// Reads the files of which not enough is known.

import { setImmediate as turn } from 'node:timers/promises'
import { type Hashed, hashFile, smallFile } from './hash-file.ts'
import { nameOf, type Place } from './place.ts'
import { reasonOf } from './refused.ts'
import { statsIn } from './stat-cache.ts'
import type { Walked } from './walk.ts'

export type WalkedFile = Extract<Walked, { kind: 'file' }>

interface Reading {
  done: (path: string, hashed: Hashed) => void
  failed: (path: string, why: string) => void
}

/** Several at a time, so that large ones are read while others are; each has a megabyte of memory at most. */
const readers = 4
const sliceMs = 8

/** Tells of each of them, the small ones first. */
export async function readAll(place: Place, files: readonly WalkedFile[], reading: Reading): Promise<void> {
  const [small, large] = [
    files.filter(({ state }) => statsIn(state).size <= smallFile),
    files.filter(({ state }) => statsIn(state).size > smallFile),
  ]
  let began = performance.now()
  const [queue, space] = [large.values(), Buffer.allocUnsafeSlow(smallFile + 1)]
  for (const file of small) {
    await readWith(place, file, reading, space)
    if (performance.now() - began < sliceMs) continue
    await turn()
    began = performance.now()
  }
  await Promise.all(
    Array.from({ length: Math.min(readers, large.length) }, async () => {
      for (const file of queue) await readWith(place, file, reading)
    }),
  )
}

async function readWith(place: Place, file: WalkedFile, reading: Reading, space?: Buffer): Promise<void> {
  try {
    const at = () => place.open(file.path).at(nameOf(file.path))
    const hashed = await hashFile(at, statsIn(file.state).size, space)
    if (hashed) reading.done(file.path, hashed)
    else reading.failed(file.path, 'changes while it is read')
  } catch (error) {
    reading.failed(file.path, reasonOf(error))
  }
}
