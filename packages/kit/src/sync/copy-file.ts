// A file that a folder has already, once more under another name.

import { closeSync, fstatSync, fsync as fsyncSoon, openSync, read as readSoon } from 'node:fs'
import { promisify } from 'node:util'
import type { Entry, FileEntry } from './entry.ts'
import { readFlags } from './hash-file.ts'
import { nameOf, type Place } from './place.ts'
import { abandon, begin, complete, type Growing, grow, type Staged } from './stage.ts'

const [read, fsync] = [promisify(readSoon), promisify(fsyncSoon)]

/** Stages a copy. @throws ENOENT when the content is not there any more. */
export async function copyFile(place: Place, entry: FileEntry, was: Entry | null, from: string): Promise<Staged> {
  const source = openSync(place.open(from).at(nameOf(from)), readFlags)
  try {
    const stats = fstatSync(source)
    if (!stats.isFile() || stats.size !== entry.size) throw changed()
    const one = begin(place, entry, was)
    await fill(place, one, source)
    return { entry, was, temporary: one.temporary }
  } finally {
    closeSync(source)
  }
}

async function fill(place: Place, one: Growing, source: number): Promise<void> {
  let isOpen = true
  try {
    const buffer = Buffer.allocUnsafe(Math.min(1 << 20, one.entry.size + 1))
    for (;;) {
      const { bytesRead } = await read(source, buffer, 0, buffer.length, null)
      if (bytesRead === 0) break
      await grow(one, buffer.subarray(0, bytesRead))
    }
    // Another content by now is nobody's fault, least of all the other side's.
    if (one.hash.copy().digest('hex') !== one.entry.sha256) throw changed()
    await fsync(one.handle)
    isOpen = false
    complete(one)
  } catch (error) {
    abandon(place, isOpen ? one : { ...one, handle: undefined })
    throw error
  }
}

const changed = () => Object.assign(new Error(), { code: 'ENOENT' })
