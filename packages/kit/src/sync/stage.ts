// A file on its way: it grows beside where it will stand, and takes its place when it is whole and is what was announced.

import { createHash, type Hash, hash, randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  write as writeSoon,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import type { Entry, FileEntry } from './entry.ts'
import { temporaryPrefix } from './path.ts'
import { nameOf, type Place } from './place.ts'
import { changedMeanwhile, PeerRefused } from './refused.ts'
import { type Known, stateOf } from './stat-cache.ts'
import { isStill, knownNow } from './still.ts'

export interface Staged {
  entry: Entry
  was: Entry | null
  temporary: string
}

export interface Growing extends Staged {
  entry: FileEntry
  handle: number
  hash: Hash
  received: number
}

const write = promisify(writeSoon)
const temporaryName = () => `${temporaryPrefix}${randomUUID()}`

/** Begins a file. The folder is made when it is not there. @throws what the system says. */
export function begin(place: Place, entry: FileEntry, was: Entry | null): Growing {
  const temporary = temporaryName()
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
  const handle = openSync(place.open(entry.path, true).at(temporary), flags, entry.exec ? 0o777 : 0o666)
  return { entry, was, temporary, handle, hash: createHash('sha256'), received: 0 }
}

/** Adds what comes next. @throws what the system says. */
export async function grow(growing: Growing, bytes: Buffer): Promise<void> {
  growing.received += bytes.length
  growing.hash.update(bytes)
  for (let written = 0; written < bytes.length; )
    written += (await write(growing.handle, bytes, written, bytes.length - written, null)).bytesWritten
}

/** Ends it. @throws PeerRefused when it is not what was announced; what the system says. */
export function complete({ entry, handle, hash: sum }: Growing): void {
  try {
    assertContent(entry, sum.digest('hex'))
    futimesSync(handle, entry.mtime / 1_000, entry.mtime / 1_000)
  } finally {
    closeSync(handle)
  }
}

/** A file whose content is there as a whole. @throws as `complete`; then nothing is left of it. */
export function stageWhole(place: Place, entry: FileEntry, was: Entry | null, bytes: Buffer): Staged {
  assertContent(entry, hash('sha256', bytes, 'hex'))
  const one = begin(place, entry, was)
  try {
    for (let written = 0; written < bytes.length; )
      written += writeSync(one.handle, bytes, written, bytes.length - written)
    futimesSync(one.handle, entry.mtime / 1_000, entry.mtime / 1_000)
  } catch (error) {
    abandon(place, one)
    throw error
  }
  closeSync(one.handle)
  return { entry, was, temporary: one.temporary }
}

function assertContent(entry: FileEntry, sha256: string): void {
  if (sha256 !== entry.sha256) throw new PeerRefused('it sends another content than it announced', entry.path)
}

/** A link under a temporary name. */
export function stageLink(place: Place, entry: Entry & { kind: 'link' }, was: Entry | null): Staged {
  const temporary = temporaryName()
  symlinkSync(entry.target, place.open(entry.path, true).at(temporary))
  return { entry, was, temporary }
}

/**
 * Puts it in its place, when there still is what was there. Answers what is known of it from then on; a text says why not,
 * and then it is gone.
 */
export async function commit(place: Place, staged: Staged, known?: Known): Promise<Known | string> {
  const { entry, was, temporary } = staged
  const before = was?.kind === 'file' ? await knownNow(place, entry.path, was, known) : known
  // From here on nothing is waited for: what was looked at is what is replaced.
  const folder = place.open(entry.path)
  const [from, to] = [folder.at(temporary), folder.at(nameOf(entry.path))]
  try {
    if (!was) clearEmptyFolder(to)
    if (!isStill(folder, entry.path, was, before)) return dropped(from)
    if (was?.kind === 'file' && entry.kind === 'file') keepMode(from, to, entry.exec)
    if (was) renameSync(from, to)
    else if (!placeNew(from, to)) return dropped(from)
    const sha256 = entry.kind === 'file' ? entry.sha256 : ''
    return { state: stateOf(lstatSync(to)), sha256 }
  } catch (error) {
    rmSync(from, { force: true })
    throw error
  }
}

function dropped(temporary: string): string {
  rmSync(temporary, { force: true })
  return changedMeanwhile
}

/** Never over something that came there in this moment. */
function placeNew(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    unlinkSync(from)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // Some disks have no second names.
    renameSync(from, to)
    return true
  }
}

/** Folders are not synced: one with nothing in it makes room. */
function clearEmptyFolder(at: string): void {
  const stats = lstatSync(at, { throwIfNoEntry: false })
  if (stats?.isDirectory()) rmdirSync(at)
}

/** What its owner allowed others stays, but for who may execute it. */
function keepMode(from: string, to: string, exec: boolean): void {
  const mode = lstatSync(to).mode & 0o666
  const wanted = exec ? mode | ((mode & 0o444) >> 2) : mode
  if ((lstatSync(from).mode & 0o777) !== wanted) chmodSync(from, wanted)
}

/** Gives one up. */
export function abandon(place: Place, staged: Staged & { handle?: number | undefined }): void {
  try {
    if (staged.handle !== undefined) closeSync(staged.handle)
    rmSync(place.open(staged.entry.path).at(staged.temporary), { force: true })
  } catch {
    // Its folder is gone, and it with it; or the next look takes it away.
  }
}
