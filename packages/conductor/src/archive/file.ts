// One file of an archive. A file may change while it is read: it is read again until it did not, a few times.

import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { Member } from './manifest.ts'
import { openFile, secondsOf } from './walk.ts'

/** What is small is read before any of it is written. */
const smallBytes = 1 << 20
const pieceBytes = 1 << 16
const mostTries = 3

/** Writes one member; `again`: in the place of the one of this path before. */
export type WriteFile = (
  member: Omit<Member, 'sha256'>,
  content: Buffer | AsyncIterable<Buffer>,
  again: boolean,
) => Promise<void>

/**
 * Writes a file as it was at one moment. False when it changed at each try: then it is there as it was read last.
 * @throws what the system says; nothing of it was written when it could not be opened.
 */
export async function writeFile(
  { path, at }: { path: string; at: string },
  write: WriteFile,
  added: (member: Member) => void,
): Promise<boolean> {
  let written = 0
  for (let tries = 1; ; tries++) {
    await using handle = await openFile(at)
    const before = await handle.stat({ bigint: true })
    if (!before.isFile()) throw Object.assign(new Error('no file'), { code: 'ENOENT' })
    const size = Number(before.size)
    const member = { path, type: 'file' as const, mode: Number(before.mode) & 0o777, mtime: mtimeOf(before), size }
    const hash = createHash('sha256')
    const pieces = hashed(contentOf(handle, size), hash)
    const last = tries === mostTries
    if (size <= smallBytes) {
      const content = await wholeOf(pieces)
      const whole = isSame(before, await handle.stat({ bigint: true }))
      if (!whole && !last) continue
      await write(member, content, written > 0)
      added({ ...member, sha256: hash.digest('hex') })
      return whole
    }
    await write(member, pieces, written++ > 0)
    added({ ...member, sha256: hash.digest('hex') })
    const whole = isSame(before, await handle.stat({ bigint: true }))
    if (whole || last) return whole
  }
}

async function wholeOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

const mtimeOf = ({ mtimeMs }: BigIntStats) => secondsOf(Number(mtimeMs))

const isSame = (a: BigIntStats, b: BigIntStats) =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs

/** Exactly so many bytes: the size is told before them. One that was cut short ends in zeros. */
async function* contentOf(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < size; ) {
    const piece = Buffer.alloc(Math.min(pieceBytes, size - position))
    const { bytesRead } = await handle.read(piece, 0, piece.length, position)
    const read = bytesRead === 0 ? piece : piece.subarray(0, bytesRead)
    position += read.length
    yield read
  }
}

async function* hashed(pieces: AsyncIterable<Buffer>, hash: { update(piece: Buffer): unknown }) {
  for await (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
}
