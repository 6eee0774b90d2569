// A file on its way: it grows beside where it will stand, and takes its place when it is whole and is what was announced.

import { createHash, type Hash, randomBytes } from 'node:crypto'
import { constants, lstatSync } from 'node:fs'
import { chmod, type FileHandle, link, open, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import type { Folder } from '../files/index.ts'
import type { Entry, FileEntry } from './entry.ts'
import { temporaryPrefix } from './path.ts'
import { nameOf, type Place } from './place.ts'
import { changedMeanwhile, PeerRefused } from './refused.ts'
import { type Known, stateOf } from './stat-cache.ts'
import { isStill } from './still.ts'

export interface Staged {
  entry: Entry
  was: Entry | null
  temporary: string
}

export interface Growing extends Staged {
  entry: FileEntry
  file: FileHandle
  hash: Hash
  received: number
}

const temporaryName = () => `${temporaryPrefix}${randomBytes(8).toString('hex')}`

/** Begins a file. The folder is made when it is not there. @throws what the system says. */
export async function begin(place: Place, entry: FileEntry, was: Entry | null): Promise<Growing> {
  const folder = await place.open(entry.path, true)
  const temporary = temporaryName()
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const mode = entry.exec ? 0o777 : 0o666
  const file = await open(folder.at(temporary), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  return { entry, was, temporary, file, hash: createHash('sha256'), received: 0 }
}

/** Adds what comes next. @throws what the system says. */
export async function grow(growing: Growing, bytes: Buffer): Promise<void> {
  growing.received += bytes.length
  growing.hash.update(bytes)
  for (let written = 0; written < bytes.length; )
    written += (await growing.file.write(bytes, written, bytes.length - written)).bytesWritten
}

/** Ends it. @throws PeerRefused when it is not what was announced; what the system says. */
export async function complete({ entry, file, hash }: Growing, onDisk: boolean): Promise<void> {
  try {
    if (hash.digest('hex') !== entry.sha256)
      throw new PeerRefused('it sends another content than it announced', entry.path)
    await file.utimes(entry.mtime / 1_000, entry.mtime / 1_000)
    if (onDisk) await file.sync()
  } finally {
    await file.close()
  }
}

/** A link under a temporary name. */
export async function stageLink(place: Place, entry: Entry & { kind: 'link' }, was: Entry | null): Promise<Staged> {
  const folder = await place.open(entry.path, true)
  const temporary = temporaryName()
  await symlink(entry.target, folder.at(temporary))
  return { entry, was, temporary }
}

/**
 * Puts it in its place, when there still is what was there. Answers what is known of it from then on; a text says why not,
 * and then it is gone.
 */
export async function commit(place: Place, staged: Staged, known?: Known): Promise<Known | string> {
  const { entry, was, temporary } = staged
  const folder = await place.open(entry.path)
  const [from, to] = [folder.at(temporary), folder.at(nameOf(entry.path))]
  try {
    await clearEmptyFolder(to)
    if (!(await isStill(folder, entry.path, was, known))) return await dropped(from)
    if (was?.kind === 'file' && entry.kind === 'file') await keepMode(from, to, entry.exec)
    if (was) await rename(from, to)
    else if (!(await placeNew(from, to))) return await dropped(from)
    const stats = lstatSync(to, { bigint: true })
    const sha256 = entry.kind === 'file' ? entry.sha256 : ''
    return { state: stateOf(stats), sha256 }
  } catch (error) {
    await rm(from, { force: true })
    throw error
  }
}

async function dropped(temporary: string): Promise<string> {
  await rm(temporary, { force: true })
  return changedMeanwhile
}

/** Never over something that came there in this moment. */
async function placeNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    await unlink(from)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // Some disks have no second names.
    await rename(from, to)
    return true
  }
}

/** Folders are not synced: one with nothing in it makes room. */
async function clearEmptyFolder(at: string): Promise<void> {
  const stats = lstatSync(at, { throwIfNoEntry: false })
  if (stats?.isDirectory()) await rmdir(at)
}

/** What its owner allowed others stays, but for who may execute it. */
async function keepMode(from: string, to: string, exec: boolean): Promise<void> {
  const mode = lstatSync(to).mode & 0o666
  const wanted = exec ? mode | ((mode & 0o444) >> 2) : mode
  if ((lstatSync(from).mode & 0o777) !== wanted) await chmod(from, wanted)
}

/** Gives one up. */
export async function abandon(place: Place, staged: Staged & { file?: FileHandle }): Promise<void> {
  await staged.file?.close().catch(() => {})
  const folder: Folder | null = await place.open(staged.entry.path).catch(() => null)
  if (folder) await rm(folder.at(staged.temporary), { force: true })
}
