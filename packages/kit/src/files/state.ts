// What stands at a path below a root folder right now, exactly: no link is followed, nothing is held back.

import { lstat, rm } from 'node:fs/promises'
import { FileRefused, type Folder, openFolder, openRegular, readBounded, refusal, segments } from './inside.ts'

export interface FileState {
  bytes: Buffer
  /** Permission bits. */
  mode: number
}

/** Larger files are not taken into memory. */
const largestFile = 8 << 20

/**
 * The regular file at a path; null when there is nothing.
 * @throws FileRefused for a path that leads out or through a link, into .git, to no regular file, or to one over 8 MiB.
 */
export async function fileState(root: string, path: string): Promise<FileState | null> {
  const { parts, name } = ownPath(path)
  await using folder = await openIfThere(root, parts)
  if (!folder || !(await isThere(folder, name, path))) return null
  await using file = await openRegular(folder, name, path)
  const { size, mode } = await file.stat()
  if (size > largestFile) throw new FileRefused(`${path} has ${size} bytes: change it with a command`)
  return { bytes: await readBounded(file, largestFile), mode: mode & 0o777 }
}

/** Removes the file at a path; harmless when there is nothing. @throws FileRefused as fileState does. */
export async function removeFile(root: string, path: string): Promise<void> {
  const { parts, name } = ownPath(path)
  await using folder = await openIfThere(root, parts)
  if (!folder || !(await isThere(folder, name, path))) return
  await rm(folder.at(name), { force: true }).catch((error: unknown) => {
    throw refusal(error, path)
  })
}

/** A path that may be written: git's own folder is git's. */
export function ownPath(path: string): { parts: string[]; name: string } {
  const parts = segments(path)
  const name = parts.pop()
  if (name === undefined) throw new FileRefused(`${path} is a folder`)
  if ([...parts, name].some(part => part.toLowerCase() === '.git'))
    throw new FileRefused(`${path} belongs to git: use git itself`)
  return { parts, name }
}

async function openIfThere(root: string, parts: readonly string[]): Promise<Folder | null> {
  try {
    return await openFolder(root, parts)
  } catch (error) {
    if (error instanceof FileRefused && error.message.endsWith('does not exist')) return null
    throw error
  }
}

async function isThere(folder: Folder, name: string, path: string): Promise<boolean> {
  try {
    if ((await lstat(folder.at(name))).isFile()) return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw refusal(error, path)
  }
  throw new FileRefused(`${path} is not a regular file`)
}
