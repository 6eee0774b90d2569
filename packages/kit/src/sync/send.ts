// The content of files, packed into frames of about a megabyte, whatever the size of each.

import { createHash, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, read as readSoon } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { FileEntry } from './entry.ts'
import { readFlags, readInto, smallFile } from './hash-file.ts'
import type { Piece } from './message.ts'
import { nameOf, type Place } from './place.ts'
import { changedMeanwhile } from './refused.ts'

/** Pieces of files, and their bytes in the same order. */
export interface Pack {
  pieces: Piece[]
  body: Buffer
}

export const packBytes = 1 << 20
const mostPieces = 4_000

const read = promisify(readSoon)

/** Packs files in their order. One that is not any more what its entry says ends as `gone`. */
export async function* packs(place: Place, files: Iterable<FileEntry>): AsyncGenerator<Pack> {
  let pack = packer()
  for (const entry of files) {
    const { size } = entry
    // Of an empty file the receiver knows all already.
    if (size === 0) continue
    if (!pack.isEmpty() && (size > smallFile || !pack.hasRoom(size))) {
      yield pack.packed()
      pack = packer()
      await turn()
    }
    if (size > smallFile) yield* piecesOf(place, entry)
    else pack.add(place, entry)
  }
  if (!pack.isEmpty()) yield pack.packed()
}

/** Small files together in one buffer: each is read at once. */
function packer() {
  const [pieces, buffer]: [Piece[], Buffer] = [[], Buffer.allocUnsafeSlow(packBytes)]
  let length = 0
  return {
    isEmpty: () => pieces.length === 0,
    hasRoom: (size: number) => length + size <= packBytes && pieces.length < mostPieces,
    add(place: Place, { path, size, sha256 }: FileEntry): void {
      const into = buffer.subarray(length, length + size)
      const isSame = readSmall(place, path, into) && hash('sha256', into, 'hex') === sha256
      pieces.push({ path, offset: 0, bytes: isSame ? size : 0, ...(isSame ? {} : { gone: changedMeanwhile }) })
      if (isSame) length += size
    },
    packed: (): Pack => ({ pieces, body: buffer.subarray(0, length) }),
  }
}

/** Whether the file was there and is as large as the buffer; one that grew is found out by the hash of what it is by then. */
function readSmall(place: Place, path: string, into: Buffer): boolean {
  const handle = opened(place, path)
  if (handle === null) return false
  try {
    return readInto(handle, into) === into.length
  } catch {
    return false
  } finally {
    closeSync(handle)
  }
}

async function* piecesOf(place: Place, { path, size, sha256 }: FileEntry): AsyncGenerator<Pack> {
  const gone = (offset: number) => ({
    pieces: [{ path, offset, bytes: 0, gone: changedMeanwhile }],
    body: Buffer.alloc(0),
  })
  const handle = opened(place, path)
  if (handle === null) return yield gone(0)
  try {
    const sum = createHash('sha256')
    for (let offset = 0; offset < size; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(packBytes, size - offset))
      const { bytesRead } = await read(handle, buffer, 0, buffer.length, null).catch(() => ({ bytesRead: 0 }))
      const body = buffer.subarray(0, bytesRead)
      sum.update(body)
      const isLast = offset + bytesRead === size
      if (bytesRead === 0 || (isLast && sum.digest('hex') !== sha256)) return yield gone(offset)
      yield { pieces: [{ path, offset, bytes: bytesRead }], body }
      offset += bytesRead
    }
  } finally {
    closeSync(handle)
  }
}

/** Null when there is no file: the other side is told that it is gone. */
function opened(place: Place, path: string): number | null {
  try {
    const handle = openSync(place.open(path).at(nameOf(path)), readFlags)
    if (fstatSync(handle).isFile()) return handle
    closeSync(handle)
  } catch {
    // Told as the same.
  }
  return null
}
