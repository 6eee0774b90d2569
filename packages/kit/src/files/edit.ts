// Writes text files below a root folder. A new file stands beside the old one until it is whole, then takes its place.

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, rename, rm } from 'node:fs/promises'
import { FileRefused, type Folder, openFolder, refusal } from './inside.ts'
import { isBinary, readBytes } from './read.ts'
import { ownPath } from './state.ts'

/**
 * A file's text with `after` in the place of `before`, which must stand in it exactly once. Nothing is written.
 * @throws FileRefused when it does not, or when the file is no UTF-8 text.
 */
export function editedText(bytes: Buffer, path: string, before: string, after: string): string {
  if (isBinary(bytes)) throw new FileRefused(`${path} is not a text file`)
  const text = exactText(bytes, path)
  const at = text.indexOf(before)
  if (before === '' || at === -1) throw new FileRefused(`the old text does not stand in ${path}: read it again`)
  if (text.indexOf(before, at + 1) !== -1)
    throw new FileRefused(`the old text stands in ${path} more than once: take in more of what is around it`)
  return text.slice(0, at) + after + text.slice(at + before.length)
}

/** Edits a file as `editedText` says. @throws FileRefused as that, readText and writeText do. */
export async function editText(root: string, path: string, before: string, after: string): Promise<void> {
  await writeText(root, path, editedText(await readBytes(root, path, { own: true }), path, before, after))
}

/**
 * Writes a file, folders made as needed. No link is followed, neither on the way nor at the end.
 * @param options.create refuse when there is something with that name already.
 * @param options.mode permissions of a file that is new; one that is there keeps its own.
 * @throws FileRefused for a path that leads out or through a link, into .git, or to what is no regular file.
 */
export async function writeText(
  root: string,
  path: string,
  text: string | Uint8Array,
  options: { create?: boolean; mode?: number } = {},
): Promise<void> {
  const { parts, name } = ownPath(path)
  await using folder = await openFolder(root, parts, true)
  const mode = await modeFor(folder, name, path)
  if (mode !== null && options.create) throw new FileRefused(`${path} exists already`)
  await replace(folder, name, text, mode ?? options.mode ?? 0o644).catch((error: unknown) => {
    throw refusal(error, path)
  })
}

/** The permissions of the regular file that is there; null when there is nothing. */
async function modeFor(folder: Folder, name: string, path: string): Promise<number | null> {
  try {
    const found = await lstat(folder.at(name))
    if (!found.isFile()) throw new FileRefused(`${path} is not a regular file`)
    return found.mode & 0o777
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw refusal(error, path)
  }
}

async function replace(folder: Folder, name: string, text: string | Uint8Array, mode: number): Promise<void> {
  const fresh = folder.at(`.spoq-${randomUUID()}`)
  try {
    const file = await open(
      fresh,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      mode,
    )
    await using _ = file
    await file.writeFile(text)
    await rename(fresh, folder.at(name))
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/** What is not UTF-8 would not survive being written again. */
function exactText(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new FileRefused(`${path} is not UTF-8 text: change it with a command`)
  }
}
