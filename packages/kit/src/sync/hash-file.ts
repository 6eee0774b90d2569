// The hash of a file that stays the same while it is read.

import { createHash, hash } from 'node:crypto'
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { stateOf } from './stat-cache.ts'

/** Files up to here are read at once: the system gives them faster than it answers from elsewhere. */
export const smallFile = 256 << 10

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

export interface Hashed {
  sha256: string
  stats: BigIntStats
}

/** Null when it changed while it was read, twice. @throws what the system says. */
export async function hashFile(at: string, size: number): Promise<Hashed | null> {
  const once = size <= smallFile ? hashSmall : hashLarge
  return (await once(at)) ?? (await once(at))
}

function hashSmall(at: string): Hashed | null {
  const handle = openSync(at, flags)
  try {
    const before = fstatSync(handle, { bigint: true })
    if (!before.isFile() || before.size > smallFile) return null
    const bytes = Buffer.allocUnsafe(Number(before.size) + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(handle, bytes, length, bytes.length - length, length)
    const after = fstatSync(handle, { bigint: true })
    if (stateOf(before) !== stateOf(after) || length !== Number(after.size)) return null
    return { sha256: hash('sha256', bytes.subarray(0, length), 'hex'), stats: after }
  } finally {
    closeSync(handle)
  }
}

async function hashLarge(at: string): Promise<Hashed | null> {
  await using handle = await open(at, flags)
  const before = await handle.stat({ bigint: true })
  if (!before.isFile()) return null
  const [sum, buffer] = [createHash('sha256'), Buffer.allocUnsafe(1 << 20)]
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length)
    if (bytesRead === 0) break
    sum.update(buffer.subarray(0, bytesRead))
  }
  const after = await handle.stat({ bigint: true })
  return stateOf(before) === stateOf(after) ? { sha256: sum.digest('hex'), stats: after } : null
}
