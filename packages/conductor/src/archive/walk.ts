// All that is below a folder, in an order that is always the same.

import { constants, type Dirent } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'

export type Found =
  | { path: string; kind: 'directory'; mode: number; mtime: number }
  | { path: string; kind: 'symlink'; mode: number; mtime: number; link: string }
  | { path: string; kind: 'file'; at: string }
  | { path: string; kind: 'skipped'; why: string }

/** Gives a folder, then what is in it. What goes away meanwhile is not there. @param path its name in the archive */
export async function* walk(folder: string, path: string, leaveOut: readonly string[] = []): AsyncGenerator<Found> {
  yield path.includes('/') ? await folderAt(folder, path) : topFolder(path)
  let entries: Dirent<Buffer>[]
  try {
    entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    yield { path, kind: 'skipped', why: codeOf(error) }
    return
  }
  for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
    const name = entry.name.toString('utf8')
    if (leaveOut.includes(name)) continue
    if (!Buffer.from(name).equals(entry.name)) yield { path: `${path}/${name}`, kind: 'skipped', why: 'not UTF-8' }
    else yield* oneOf(join(folder, name), `${path}/${name}`, entry)
  }
}

async function folderAt(folder: string, path: string): Promise<Found> {
  const { mode, mtimeMs } = await lstat(folder)
  return { path, kind: 'directory', mode: mode & 0o777, mtime: secondsOf(mtimeMs) }
}

/** Who may enter it is for each machine to say. */
const topFolder = (path: string): Found => ({ path, kind: 'directory', mode: 0o700, mtime: 0 })

async function* oneOf(at: string, path: string, entry: Dirent<Buffer>): AsyncGenerator<Found> {
  try {
    if (entry.isDirectory()) yield* walk(at, path)
    else if (entry.isFile()) yield { path, kind: 'file', at }
    else if (entry.isSymbolicLink()) {
      const { mtimeMs } = await lstat(at)
      yield { path, kind: 'symlink', mode: 0o777, mtime: secondsOf(mtimeMs), link: await readlink(at) }
    } else yield { path, kind: 'skipped', why: 'neither a file nor a folder nor a link' }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') yield { path, kind: 'skipped', why: codeOf(error) }
  }
}

/** Opens a file and nothing else, whatever was put in its place meanwhile. */
export const openFile = (at: string) => open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)

export const secondsOf = (ms: number): number => Math.max(0, Math.floor(ms / 1_000))

/** What the system says of an error; one of ours goes on. */
export function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (typeof code !== 'string') throw error
  return code
}
