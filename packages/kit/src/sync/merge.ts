// What has to happen on two sides so that both hold the same, given what both held when they last did. Pure, and the same
// whichever side asks.

import { type Collision, collisionsIn } from './collision.ts'
import { conflictNames } from './conflict-name.ts'
import { copySource } from './copy-source.ts'
import { type Entry, identity, isSame, type Manifest } from './entry.ts'
import { foldersOf } from './path.ts'

/** Something that one side does, if what it has there still is `was`. */
export type Action =
  /** `copy`: a file of that side which has this content already. */
  { kind: 'put'; entry: Entry; was: Entry | null; copy?: string } | { kind: 'remove'; path: string; was: Entry }

/** Both sides changed a path, and both are kept: what `side` had is at `kept` from then on. */
export interface Conflict {
  path: string
  kept: string
  side: Side
}

export type Side = 'here' | 'there'

export interface Plan {
  here: Action[]
  there: Action[]
  conflicts: Conflict[]
  /** Paths that some disks take for the same: they stay as they are on both sides. */
  collisions: Collision[]
  /** What both sides hold once all is done, without what collides. */
  wanted: Manifest
  /** Whether a path stays as it is because it collides. */
  isFrozen: (path: string) => boolean
}

export interface Sides {
  /** What both held last; empty at first. */
  base: Manifest
  here: Manifest
  there: Manifest
  /** What the two sides are called in the names of conflicts. */
  names: Record<Side, string>
}

/** A side that has nothing deletes nothing: a disk that is not there looks like that. */
export function merge(sides: Sides): Plan {
  const { here, there, names } = sides
  const base = here.size === 0 || there.size === 0 ? new Map<string, Entry>() : sides.base
  const wanted = new Map<string, Entry>()
  const losers: { entry: Entry; side: Side }[] = []
  const paths = [...new Set([...here.keys(), ...there.keys()])].sort()
  for (const path of paths) {
    const { result, loser } = decide(base.get(path), here.get(path), there.get(path))
    if (result) wanted.set(path, result)
    if (loser) losers.push(loser)
  }
  losers.push(...fileAndFolder(wanted, here))
  const { collisions, isFrozen } = collisionsIn(wanted, here, there)
  const nameFor = conflictNames(wanted)
  const conflicts = losers
    .filter(({ entry }) => !isFrozen(entry.path))
    .map(({ entry, side }) => {
      const kept = nameFor(entry, names[side])
      wanted.set(kept, { ...entry, path: kept })
      return { path: entry.path, kept, side }
    })
  const all = [...new Set([...paths, ...wanted.keys()])].filter(path => !isFrozen(path))
  return {
    here: actionsOf(all, here, wanted),
    there: actionsOf(all, there, wanted),
    conflicts,
    collisions,
    wanted,
    isFrozen,
  }
}

/** What both shall have at one path, and what else is to be kept of it. */
function decide(
  base: Entry | undefined,
  here: Entry | undefined,
  there: Entry | undefined,
): { result: Entry | undefined; loser?: { entry: Entry; side: Side } } {
  if (isSame(here, there)) return { result: here }
  if (isSame(here, base)) return { result: there }
  if (isSame(there, base)) return { result: here }
  // An edit beats a delete.
  if (!here || !there) return { result: here ?? there }
  const [newer, older, side] = isNewer(here, there)
    ? ([here, there, 'there'] as const)
    : ([there, here, 'here'] as const)
  if (newer.kind === 'file' && older.kind === 'file' && newer.sha256 === older.sha256)
    return { result: { ...newer, exec: true } }
  return { result: newer, loser: { entry: older, side } }
}

function isNewer(a: Entry, b: Entry): boolean {
  const [at, bt] = [a, b].map(one => (one.kind === 'file' ? one.mtime : 0)) as [number, number]
  return at === bt ? identity(a) > identity(b) : at > bt
}

/** Takes out of `wanted` the files that stand where a folder has to be. */
function fileAndFolder(wanted: Map<string, Entry>, here: Manifest): { entry: Entry; side: Side }[] {
  const folders = new Set([...wanted.keys()].flatMap(foldersOf))
  const clashing = [...wanted.values()].filter(({ path }) => folders.has(path))
  for (const { path } of clashing) wanted.delete(path)
  return clashing.map(entry => ({ entry, side: here.has(entry.path) ? 'here' : 'there' }))
}

/** Copies first, while what they are made of is there, then what makes room, then what comes from the other side. */
function actionsOf(paths: readonly string[], side: Manifest, wanted: Manifest): Action[] {
  const copies: Action[] = []
  const removes: Action[] = []
  const puts: Action[] = []
  const source = copySource(side)
  for (const path of paths) {
    const [now, then] = [side.get(path), wanted.get(path)]
    if (isSame(now, then)) continue
    if (!then) {
      if (now) removes.push({ kind: 'remove', path, was: now })
      continue
    }
    const copy = now ? undefined : source(then)
    const put: Action = { kind: 'put', entry: then, was: now ?? null }
    if (copy === undefined) puts.push(put)
    else copies.push({ ...put, copy })
  }
  return [...copies, ...removes, ...puts]
}
