// The content of files, packed into frames of about a megabyte, whatever the size of each.

import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { FileEntry } from './entry.ts'
import type { Piece } from './message.ts'
import { nameOf, type Place } from './place.ts'
import { changedMeanwhile } from './refused.ts'

/** Pieces of files, and their bytes in the same order. */
export interface Pack {
  pieces: Piece[]
  bodies: Buffer[]
  bytes: number
}

export const packBytes = 1 << 20

/** Packs files in their order. One that is not any more what its entry says ends as `gone`. */
export async function* packs(place: Place, files: Iterable<FileEntry>): AsyncGenerator<Pack> {
  let pack: Pack = { pieces: [], bodies: [], bytes: 0 }
  for (const entry of files) {
    for await (const { piece, bytes } of piecesOf(place, entry, () => packBytes - pack.bytes)) {
      pack.pieces.push(piece)
      pack.bodies.push(bytes)
      pack.bytes += bytes.length
      if (pack.bytes < packBytes && pack.pieces.length < 4_000) continue
      yield pack
      pack = { pieces: [], bodies: [], bytes: 0 }
    }
  }
  if (pack.pieces.length > 0) yield pack
}

interface Cut {
  piece: Piece
  bytes: Buffer
}

const nothing = Buffer.alloc(0)
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

async function* piecesOf(place: Place, entry: FileEntry, room: () => number): AsyncGenerator<Cut> {
  const { path, size, sha256 } = entry
  // The receiver knows of nothing more to come.
  if (size === 0) return
  const gone = (offset: number) => ({ piece: { path, offset, bytes: 0, gone: changedMeanwhile }, bytes: nothing })
  const file = await opened(place, path)
  if (!file) return yield gone(0)
  await using _ = file
  const hash = createHash('sha256')
  for (let offset = 0; offset < size; ) {
    const bytes = await read(file, hash, Math.min(room(), size - offset))
    const isLast = offset + (bytes?.length ?? 0) === size
    if (!bytes || (isLast && hash.digest('hex') !== sha256)) return yield gone(offset)
    yield { piece: { path, offset, bytes: bytes.length }, bytes }
    offset += bytes.length
  }
}

async function opened(place: Place, path: string): Promise<FileHandle | null> {
  try {
    const folder = await place.open(path)
    const file = await open(folder.at(nameOf(path)), flags)
    if ((await file.stat()).isFile()) return file
    await file.close()
  } catch {
    // The other side is told that it is gone.
  }
  return null
}

async function read(file: FileHandle, hash: Hash, most: number): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(most)
  const { bytesRead } = await file.read(buffer, 0, most).catch(() => ({ bytesRead: 0 }))
  if (bytesRead === 0) return null
  const bytes = buffer.subarray(0, bytesRead)
  hash.update(bytes)
  return bytes
}
