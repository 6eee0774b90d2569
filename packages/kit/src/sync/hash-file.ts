// The hash of a file that stays the same while it is read.

import { createHash, hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, read as readSoon, readSync, type Stats } from 'node:fs'
import { promisify } from 'node:util'
import { stateOf } from './stat-cache.ts'

/** Files up to here are read at once: the system gives them faster than it answers from elsewhere. */
export const smallFile = 256 << 10

/** For reading a file of the folder: no link is followed, and nothing is waited for. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

const read = promisify(readSoon)

export interface Hashed {
  sha256: string
  stats: Stats
}

/**
 * Null when it changed while it was read, twice. @param at answers where it is, good until something is waited for
 * @param space for those who read many: `smallFile` + 1 bytes that are written over
 * @throws what the system says.
 */
export async function hashFile(at: () => string, size: number, space?: Buffer): Promise<Hashed | null> {
  const once = () => (size <= smallFile ? hashSmall(at(), space) : hashLarge(at()))
  return (await once()) ?? (await once())
}

function hashSmall(at: string, space?: Buffer): Hashed | null {
  const handle = openSync(at, readFlags)
  try {
    const before = fstatSync(handle)
    if (!before.isFile() || before.size > smallFile) return null
    const bytes = space?.subarray(0, before.size + 1) ?? Buffer.allocUnsafe(before.size + 1)
    const length = readInto(handle, bytes)
    const after = fstatSync(handle)
    if (stateOf(before) !== stateOf(after) || length !== after.size) return null
    return { sha256: hash('sha256', bytes.subarray(0, length), 'hex'), stats: after }
  } finally {
    closeSync(handle)
  }
}

/** Reads on until the buffer is full or the file is over; the bytes read. */
export function readInto(handle: number, bytes: Buffer): number {
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read)
    read = readSync(handle, bytes, length, bytes.length - length, length)
  return length
}

async function hashLarge(at: string): Promise<Hashed | null> {
  const handle = openSync(at, readFlags)
  try {
    const before = fstatSync(handle)
    if (!before.isFile()) return null
    const [sum, buffer] = [createHash('sha256'), Buffer.allocUnsafe(1 << 20)]
    for (;;) {
      const { bytesRead } = await read(handle, buffer, 0, buffer.length, null)
      if (bytesRead === 0) break
      sum.update(buffer.subarray(0, bytesRead))
    }
    const after = fstatSync(handle)
    return stateOf(before) === stateOf(after) ? { sha256: sum.digest('hex'), stats: after } : null
  } finally {
    closeSync(handle)
  }
}
