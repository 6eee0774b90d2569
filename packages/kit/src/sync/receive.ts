// Does in a folder what the other side asks for. Used on both sides: nothing of it is believed.

import { statfsSync } from 'node:fs'
import { copyFile } from './copy-file.ts'
import type { Entry, FileEntry } from './entry.ts'
import { assertMayBe, mostEntries } from './manifest.ts'
import type { Action } from './merge.ts'
import type { Named, Piece } from './message.ts'
import { allOnDisk, folderOnDisk } from './on-disk.ts'
import { whyNoPath } from './path.ts'
import type { Place } from './place.ts'
import { changedMeanwhile, PeerRefused, reasonOf } from './refused.ts'
import { removeFile } from './remove-file.ts'
import { abandon, begin, commit, complete, type Growing, grow, type Staged, stageLink } from './stage.ts'
import type { StatCache } from './stat-cache.ts'
import { isHomeByName } from './stays-home.ts'

interface Options {
  /** What is taken along although its name keeps it home; the owner's say. */
  include?: readonly string[]
  /** What was read here before; it is kept true. */
  cache: StatCache
}

export interface Receiver {
  /** Does what needs no content, and remembers which files are to come. */
  act(actions: readonly Action[]): Promise<void>
  /** Takes pieces of files, whose bytes stand one after the other. */
  take(pieces: readonly Piece[], body: Buffer): Promise<void>
  /** Puts what is whole in its place; answers what was not done. With `goesOn` unfinished files wait for the rest of them. */
  finish(goesOn?: boolean): Promise<Named[]>
  /** Whether a file waits for the rest of it. */
  isUnfinished(): boolean
  /** Takes away all that is unfinished. */
  giveUp(): Promise<void>
}

/** Files up to so many go to the disk one by one. */
const few = 16
/** Unfinished files at a time. */
const mostGrowing = 16

type Put = Extract<Action, { kind: 'put' }>

interface Announced {
  action: Put
  entry: FileEntry
  taken: number
}

/** Each verb throws PeerRefused for what no honest side sends; then `giveUp` is what is left to do. */
export function receiver(place: Place, { include = [], cache }: Options): Receiver {
  const announced = new Map<string, Announced>()
  const growing = new Map<string, Growing>()
  const named = new Set<string>()
  const failed = new Map<string, string>()
  let whole: Staged[] = []
  let onDisk = 0

  /** What the system refuses is that file's affair; a hostile side is everybody's. */
  async function trying(path: string, work: () => Promise<string | null>): Promise<void> {
    try {
      const why = await work()
      if (why !== null) failed.set(path, why)
    } catch (error) {
      if (error instanceof PeerRefused) throw error
      failed.set(path, reasonOf(error))
    }
  }

  async function act(actions: readonly Action[]): Promise<void> {
    if (actions.length === 0) throw new PeerRefused('it asks for nothing')
    for (const action of actions) {
      assertAllowed(action, include)
      const path = pathOf(action)
      if (named.has(path)) throw new PeerRefused('it names a path twice', path)
      if (named.add(path).size > 2 * mostEntries) throw new PeerRefused('it asks for too much')
      if (action.kind === 'remove') await trying(path, () => removeFile(place, path, action.was, cache))
      else await put(action)
    }
  }

  async function put(action: Put): Promise<void> {
    const { entry, was, copy } = action
    if (entry.kind === 'link') return trying(entry.path, async () => settle(await stageLink(place, entry, was)))
    if (copy !== undefined) return trying(entry.path, async () => settle(await copyFile(place, entry, was, copy)))
    if (entry.size === 0) return trying(entry.path, async () => finishOne(await start(entry, was)))
    const before = growing.get(entry.path)
    // Of the exchange before: it goes on when it is the same.
    if (before && before.entry.sha256 !== entry.sha256) await drop(before)
    announced.set(entry.path, { action, entry, taken: growing.get(entry.path)?.received ?? 0 })
  }

  async function start(entry: FileEntry, was: Entry | null): Promise<Growing> {
    if (growing.size === mostGrowing) throw new PeerRefused('it begins too many files at a time')
    assertRoom(place.root, entry.size)
    const one = await begin(place, entry, was)
    growing.set(entry.path, one)
    return one
  }

  async function finishOne(one: Growing): Promise<null> {
    growing.delete(one.entry.path)
    const staged = { entry: one.entry, was: one.was, temporary: one.temporary }
    const isNow = onDisk < few
    try {
      await complete(one, isNow)
    } catch (error) {
      await abandon(place, staged)
      throw error
    }
    if (isNow) onDisk++
    whole.push(staged)
    return null
  }

  async function take(pieces: readonly Piece[], body: Buffer): Promise<void> {
    if (pieces.length === 0) throw new PeerRefused('it sends a pack of nothing')
    let at = 0
    for (const piece of pieces) {
      const bytes = body.subarray(at, at + piece.bytes)
      at += piece.bytes
      if (bytes.length !== piece.bytes) throw new PeerRefused('it sends less than it says', piece.path)
      await takeOne(piece, bytes)
    }
    if (at !== body.length) throw new PeerRefused('it sends more than it says')
  }

  async function takeOne({ path, offset, gone }: Piece, bytes: Buffer): Promise<void> {
    const one = announced.get(path)
    if (!one) throw new PeerRefused('it sends a file that was not asked for', path)
    if (gone !== undefined) return giveUpOne(path, changedMeanwhile)
    if (offset !== one.taken) throw new PeerRefused('it sends a file out of order', path)
    if (offset + bytes.length > one.entry.size || bytes.length === 0)
      throw new PeerRefused('it sends a file of another size than it announced', path)
    one.taken += bytes.length
    // What failed here is only counted out.
    if (!failed.has(path)) await trying(path, () => growOne(one, bytes))
    const unfinished = growing.get(path)
    if (unfinished && failed.has(path)) await drop(unfinished)
    if (one.taken === one.entry.size) announced.delete(path)
  }

  async function growOne({ action, entry }: Announced, bytes: Buffer): Promise<null> {
    const one = growing.get(entry.path) ?? (await start(entry, action.was))
    await grow(one, bytes)
    return one.received === entry.size ? finishOne(one) : null
  }

  async function giveUpOne(path: string, why: string): Promise<void> {
    announced.delete(path)
    if (!failed.has(path)) failed.set(path, why)
    const unfinished = growing.get(path)
    if (unfinished) await drop(unfinished)
  }

  async function drop(one: Growing): Promise<void> {
    growing.delete(one.entry.path)
    await abandon(place, one)
  }

  /** Answers why it could not take its place. */
  async function settle(staged: Staged): Promise<string | null> {
    const { path, kind } = staged.entry
    const known = await commit(place, staged, cache.get(path))
    if (typeof known === 'string') return known
    if (kind === 'file') cache.set(path, known)
    else cache.delete(path)
    return null
  }

  async function finish(goesOn = false): Promise<Named[]> {
    for (const path of [...announced.keys()])
      if (!goesOn || !growing.has(path)) await giveUpOne(path, 'did not come whole')
    const isMany = whole.length > few
    if (isMany) await allOnDisk(place.root)
    for (const staged of whole) await trying(staged.entry.path, () => settle(staged))
    if (isMany) await allOnDisk(place.root)
    else for (const path of byFolder(whole)) await trying(path, async () => folderOnDisk(await place.open(path)))
    const answer = [...failed].map(([path, why]) => ({ path, why }))
    reset()
    return answer
  }

  async function giveUp(): Promise<void> {
    for (const one of [...growing.values()]) await drop(one)
    for (const one of whole) await abandon(place, one)
    reset()
  }

  function reset(): void {
    for (const one of [announced, named, failed]) one.clear()
    ;[whole, onDisk] = [[], 0]
  }

  return { act, take, finish, isUnfinished: () => growing.size > 0, giveUp }
}

const pathOf = (action: Action): string => (action.kind === 'put' ? action.entry.path : action.path)

function assertAllowed(action: Action, include: readonly string[]): void {
  if (action.kind === 'put') assertMayBe(action.entry)
  if (action.kind === 'put' && action.copy !== undefined && action.entry.kind !== 'file')
    throw new PeerRefused('it copies what is no file', action.entry.path)
  for (const path of [pathOf(action), ...(action.kind === 'put' && action.copy !== undefined ? [action.copy] : [])]) {
    const why = whyNoPath(path)
    if (why) throw new PeerRefused(`a path of it ${why}`, path)
    if (isHomeByName(path, include)) throw new PeerRefused('it reaches for what stays home', path)
  }
}

/** One path of each folder. */
function byFolder(all: readonly Staged[]): string[] {
  return [...new Map(all.map(({ entry: { path } }) => [path.slice(0, path.lastIndexOf('/') + 1), path])).values()]
}

/** What stays free on a disk, in bytes: the machine's own log must go on. */
const reserve = 32 << 20

function assertRoom(root: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(root)
  if (bytes > bavail * bsize - reserve) throw Object.assign(new Error(), { code: 'ENOSPC' })
}
