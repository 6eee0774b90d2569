// Does in a folder what the other side asks for. Used on both sides: nothing of it is believed.

import { assertAllowed, pathOf, roomOn } from './allowed.ts'
import { copyFile } from './copy-file.ts'
import type { Entry, FileEntry } from './entry.ts'
import { smallFile } from './hash-file.ts'
import { placing } from './in-place.ts'
import { mostEntries } from './manifest.ts'
import type { Action } from './merge.ts'
import type { Named, Piece } from './message.ts'
import type { Place } from './place.ts'
import { changedMeanwhile, PeerRefused, reasonOf } from './refused.ts'
import { removeFile } from './remove-file.ts'
import { abandon, begin, complete, type Growing, grow, stageLink, stageWhole } from './stage.ts'
import type { StatCache } from './stat-cache.ts'

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

/** Unfinished files at a time. */
const mostGrowing = 16

interface Announced {
  entry: FileEntry
  was: Entry | null
  taken: number
}

/** Each verb throws PeerRefused for what no honest side sends; then `giveUp` is what is left to do. */
export function receiver(place: Place, { include = [], cache }: Options): Receiver {
  const announced = new Map<string, Announced>()
  const growing = new Map<string, Growing>()
  const named = new Set<string>()
  const failed = new Map<string, string>()
  const whole = placing(place, cache, (path, why) => failed.set(path, why))
  const assertRoom = roomOn(place.root)

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

  async function put({ entry, was, copy }: Extract<Action, { kind: 'put' }>): Promise<void> {
    const { path } = entry
    if (entry.kind === 'link') return trying(path, async () => whole.now(stageLink(place, entry, was)))
    if (copy !== undefined) return trying(path, async () => whole.now(await copyFile(place, entry, was, copy)))
    if (entry.size === 0) return trying(path, async () => takeWhole({ entry, was }, Buffer.alloc(0)))
    const before = growing.get(path)
    // Of the exchange before: it goes on when it is the same.
    if (before && before.entry.sha256 !== entry.sha256) drop(before)
    announced.set(path, { entry, was, taken: growing.get(path)?.received ?? 0 })
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
    if (!failed.has(path)) await trying(path, () => (isWhole(one, bytes) ? takeWhole(one, bytes) : growOne(one, bytes)))
    const unfinished = growing.get(path)
    if (unfinished && failed.has(path)) drop(unfinished)
    if (one.taken === one.entry.size) announced.delete(path)
  }

  const isWhole = ({ entry }: Announced, { length }: Buffer) => length === entry.size && length <= smallFile

  async function takeWhole({ entry, was }: Pick<Announced, 'entry' | 'was'>, bytes: Buffer): Promise<null> {
    assertRoom(bytes.length)
    await whole.add(stageWhole(place, entry, was, bytes), bytes.length)
    return null
  }

  async function growOne({ entry, was }: Announced, bytes: Buffer): Promise<null> {
    const one = growing.get(entry.path) ?? start(entry, was)
    await grow(one, bytes)
    if (one.received < entry.size) return null
    growing.delete(entry.path)
    const staged = { entry, was: one.was, temporary: one.temporary }
    try {
      complete(one)
    } catch (error) {
      abandon(place, staged)
      throw error
    }
    await whole.add(staged, entry.size)
    return null
  }

  function start(entry: FileEntry, was: Entry | null): Growing {
    if (growing.size === mostGrowing) throw new PeerRefused('it begins too many files at a time')
    assertRoom(entry.size)
    const one = begin(place, entry, was)
    growing.set(entry.path, one)
    return one
  }

  function giveUpOne(path: string, why: string): void {
    announced.delete(path)
    if (!failed.has(path)) failed.set(path, why)
    const unfinished = growing.get(path)
    if (unfinished) drop(unfinished)
  }

  function drop(one: Growing): void {
    growing.delete(one.entry.path)
    abandon(place, one)
  }

  async function finish(goesOn = false): Promise<Named[]> {
    for (const path of [...announced.keys()]) if (!goesOn || !growing.has(path)) giveUpOne(path, 'did not come whole')
    await whole.finish()
    const answer = [...failed].map(([path, why]) => ({ path, why }))
    reset()
    return answer
  }

  async function giveUp(): Promise<void> {
    for (const one of [...growing.values()]) drop(one)
    await whole.giveUp()
    reset()
  }

  function reset(): void {
    for (const one of [announced, named, failed]) one.clear()
  }

  return { act, take, finish, isUnfinished: () => growing.size > 0, giveUp }
}
