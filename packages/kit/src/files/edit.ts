// Writes text files below a root folder. A new file stands beside the old one until it is whole, then takes its place.

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, rename, rm } from 'node:fs/promises'
import { FileRefused, type Folder, openFolder, refusal, segments } from './inside.ts'
import { isBinary, readBytes } from './read.ts'

/**
 * Puts `after` in the place of `before`, which must stand in the file exactly once.
 * @throws FileRefused when it does not, or as readText and writeText do.
 */
export async function editText(root: string, path: string, before: string, after: string): Promise<void> {
  const bytes = await readBytes(root, path, { own: true })
  if (isBinary(bytes)) throw new FileRefused(`${path} is not a text file`)
  const text = exactText(bytes, path)
  const at = text.indexOf(before)
  if (before === '' || at === -1) throw new FileRefused(`the old text does not stand in ${path}: read it again`)
  if (text.indexOf(before, at + 1) !== -1)
    throw new FileRefused(`the old text stands in ${path} more than once: take in more of what is around it`)
  await writeText(root, path, text.slice(0, at) + after + text.slice(at + before.length))
}

/**
 * Writes a file, folders made as needed. No link is followed, neither on the way nor at the end.
 * @param options.create refuse when there is something with that name already.
 * @throws FileRefused for a path that leads out or through a link, into .git, or to what is no regular file.
 */
export async function writeText(root: string, path: string, text: string, options = { create: false }): Promise<void> {
  const parts = segments(path)
  const name = parts.at(-1)
  if (name === undefined) throw new FileRefused(`${path} is a folder`)
  if (parts.some(part => part.toLowerCase() === '.git')) throw new FileRefused(`${path} belongs to git: use git itself`)
  await using folder = await openFolder(root, parts.slice(0, -1), true)
  const mode = await modeFor(folder, name, path)
  if (mode !== null && options.create) throw new FileRefused(`${path} exists already`)
  await replace(folder, name, text, mode ?? 0o644).catch((error: unknown) => {
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

async function replace(folder: Folder, name: string, text: string, mode: number): Promise<void> {
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
