// The one way to a file below a root folder. A path is resolved first (links that stay inside are followed), then
// walked again folder by folder, each opened without following a link, so that nothing swapped in between leads out.

import { constants, existsSync } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'

/** A file is not given or not changed, for a reason that whoever asked may read. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused'
}

/** An open folder. What is reached by `at` is in this very folder, whatever is renamed or linked meanwhile. */
export interface Folder extends AsyncDisposable {
  at(name: string): string
}

// Linux names an open folder; elsewhere the folder's path has to do, and a swap at the right instant is not seen.
const namesOpenFolders = existsSync('/proc/self/fd')

/**
 * The path, with slashes, of what a path below the root really is.
 * @throws FileRefused when it leads out, does not exist, or is not a path below a root at all.
 */
export async function resolveInside(root: string, path: string): Promise<string> {
  const wanted = segments(path)
  try {
    const realRoot = await realpath(root)
    const real = relative(realRoot, await realpath(join(realRoot, ...wanted)))
    if (real === '..' || real.startsWith(`..${sep}`) || isAbsolute(real)) throw leadsOut(path)
    return real.split(sep).join('/')
  } catch (error) {
    throw refusal(error, path)
  }
}

/** The parts of a path below a root. @throws FileRefused when it is absolute, climbs, or holds what no path may. */
export function segments(path: string): string[] {
  if (path.length > 4096 || /[\0\\]/.test(path) || (sep === '\\' && path.includes(':')))
    throw new FileRefused('that is not a path of a file here')
  if (isAbsolute(path)) throw new FileRefused(`${path} is absolute: name a path below the folder`)
  const parts = path.split('/').filter(part => part !== '' && part !== '.')
  if (parts.includes('..')) throw leadsOut(path)
  return parts
}

/** Opens the folder at these segments below the root, no link followed; with `make`, what is missing is made. */
export async function openFolder(root: string, parts: readonly string[], make = false): Promise<Folder> {
  let folder = await openAt(await realpath(root))
  for (const [index, part] of parts.entries()) {
    await using parent = folder
    const path = parent.at(part)
    try {
      if (make) await makeFolder(path)
      folder = await openAt(path)
    } catch (error) {
      throw refusal(error, parts.slice(0, index + 1).join('/'))
    }
  }
  return folder
}

/** Opens a folder inside an open one, a link not followed. */
export async function openAt(path: string): Promise<Folder> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  const base = namesOpenFolders ? `/proc/self/fd/${handle.fd}` : path
  return { at: name => `${base}/${name}`, [Symbol.asyncDispose]: () => handle.close() }
}

/** Makes a folder; harmless when something is there already. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/**
 * Opens a regular file for reading, whatever is at that name: a link is not followed, and a device, pipe or socket is
 * refused without a wait.
 */
export async function openRegular(folder: Pick<Folder, 'at'>, name: string, shown: string): Promise<FileHandle> {
  let handle: FileHandle | undefined
  try {
    // Opening some devices already does something: look before, and again after, at what was opened.
    assertRegular(await lstat(folder.at(name)), shown)
    handle = await open(folder.at(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    assertRegular(await handle.stat(), shown)
    return handle
  } catch (error) {
    await handle?.close()
    throw refusal(error, shown)
  }
}

function assertRegular(found: { isFile(): boolean; isDirectory(): boolean }, shown: string): void {
  if (found.isDirectory()) throw new FileRefused(`${shown} is a folder: list it with a pattern such as ${shown}/*`)
  if (!found.isFile()) throw new FileRefused(`${shown} is not a regular file`)
}

/** The first bytes of a file, at most so many. */
export async function readBounded(file: FileHandle, most: number): Promise<Buffer> {
  const { size } = await file.stat()
  const buffer = Buffer.alloc(Math.min(size, most))
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}

const leadsOut = (path: string) => new FileRefused(`${path} leads out of the folder`)
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''

/** The same failure without the path that the system names: that one is nobody's business here. */
export function refusal(error: unknown, path: string): FileRefused {
  if (error instanceof FileRefused) return error
  return new FileRefused(`${path} ${reasons[codeOf(error)] ?? `cannot be used (${codeOf(error) || 'unknown reason'})`}`)
}

const reasons: Record<string, string> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'leads through something that is not a folder, or through a link: name its real path',
  ELOOP: 'leads through a link: name its real path',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be changed by this user',
  EISDIR: 'is a folder',
  ENAMETOOLONG: 'is too long a name',
  ENOSPC: 'does not fit: the disk is full',
}
