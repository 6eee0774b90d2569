// Reads a text file below a root folder, whole or some of its lines.

import type { FileHandle } from 'node:fs/promises'
import { isIgnoredFile } from './ignore-rules.ts'
import { FileRefused, openFolder, openRegular, readBounded, resolveInside, segments } from './inside.ts'
import { isSecret } from './secret-names.ts'

/** Whose folder it is. */
export interface Access {
  /** The asker's own folder: files that are ignored or have a secret name are given too. Default: they are not. */
  own?: boolean
}

export interface ReadOptions extends Access {
  /** First and last line, counted from 1. Default: all. */
  from?: number | undefined
  to?: number | undefined
  /** Most to answer; what is over is cut at a line's end. Default 64 KB. */
  maxBytes?: number
}

export type ReadText =
  | { kind: 'binary'; path: string; bytes: number }
  /** `from` and `to` are the lines that `text` holds, of `lines` in all. `to` is `from - 1` when it holds none. */
  | { kind: 'text'; path: string; text: string; from: number; to: number; lines: number }

/** Larger files are not taken into memory. */
const largestFile = 8 << 20

/**
 * Reads text below a root. A file that is not text is answered as `binary`, without its content.
 * @throws FileRefused for a path that leads out, is missing, no regular file, too large, secret or ignored.
 */
export async function readText(root: string, path: string, options: ReadOptions = {}): Promise<ReadText> {
  const bytes = await readBytes(root, path, options)
  return isBinary(bytes) ? { kind: 'binary', path, bytes: bytes.length } : cutLines(path, decode(bytes), options)
}

/** Reads all bytes of a file below a root. @throws FileRefused as readText does. */
export async function readBytes(root: string, path: string, access: Access): Promise<Buffer> {
  if (!access.own && isSecret(path)) throw heldBack(path)
  const parts = segments(await resolveInside(root, path))
  const name = parts.at(-1)
  if (name === undefined) throw new FileRefused(`${path} is a folder: list it with a pattern such as *`)
  // A harmless name may be a link to one that is not: what counts is what it really is.
  if (!access.own && (isSecret(parts.join('/')) || (await isIgnoredFile(root, parts)))) throw heldBack(path)
  await using folder = await openFolder(root, parts.slice(0, -1))
  await using file = await openRegular(folder, name, path)
  return await readAll(file, path)
}

const heldBack = (path: string) =>
  new FileRefused(`${path} is kept back: it is ignored by git, or its name says that it holds a secret`)

async function readAll(file: FileHandle, path: string): Promise<Buffer> {
  const { size } = await file.stat()
  if (size > largestFile)
    throw new FileRefused(`${path} has ${size} bytes, more than the ${largestFile} that are read: search in it instead`)
  return readBounded(file, largestFile)
}

/** As git decides it: a zero byte near the beginning. */
export const isBinary = (bytes: Buffer) => bytes.subarray(0, 8000).includes(0)

export const decode = (bytes: Buffer) => new TextDecoder().decode(bytes)

function cutLines(path: string, text: string, options: ReadOptions): ReadText {
  const lines = text.split(/(?<=\n)/)
  if (lines.at(-1) === '') lines.pop()
  const from = Math.max(1, options.from ?? 1)
  let room = options.maxBytes ?? 64 << 10
  const kept: string[] = []
  for (const line of lines.slice(from - 1, options.to ?? lines.length)) {
    room -= Buffer.byteLength(line)
    if (room < 0) break
    kept.push(line)
  }
  return { kind: 'text', path, text: kept.join(''), from, to: from + kept.length - 1, lines: lines.length }
}
