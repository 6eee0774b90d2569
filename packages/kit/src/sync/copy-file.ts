// A file that a folder has already, once more under another name.

import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Entry, FileEntry } from './entry.ts'
import { nameOf, type Place } from './place.ts'
import { abandon, begin, complete, grow, type Staged } from './stage.ts'

/** Stages a copy. @throws ENOENT when the content is not there any more. */
export async function copyFile(place: Place, entry: FileEntry, was: Entry | null, from: string): Promise<Staged> {
  const folder = await place.open(from)
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  await using source = await open(folder.at(nameOf(from)), flags)
  const stats = await source.stat()
  if (!stats.isFile() || stats.size !== entry.size) throw changed()
  const one = await begin(place, entry, was)
  try {
    const buffer = Buffer.allocUnsafe(Math.min(1 << 20, entry.size + 1))
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length)
      if (bytesRead === 0) break
      await grow(one, buffer.subarray(0, bytesRead))
    }
    // Another content by now is nobody's fault, least of all the other side's.
    if (one.hash.copy().digest('hex') !== entry.sha256) throw changed()
    await complete(one, true)
    return { entry, was, temporary: one.temporary }
  } catch (error) {
    await abandon(place, one)
    throw error
  }
}

const changed = () => Object.assign(new Error(), { code: 'ENOENT' })
