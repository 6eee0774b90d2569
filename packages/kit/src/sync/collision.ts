// Names that differ on one disk and are the same on another: macOS and Windows keep case but do not see it, and some disks
// write the same letters in another Unicode form.

import { isSame, type Manifest } from './entry.ts'
import { folded, foldersOf } from './path.ts'

export interface Collision {
  path: string
  /** The spelling that it collides with. */
  with: string
}

/** Which of the wanted paths collide, those alone listed that would have to be brought over. */
export function collisionsIn(wanted: Manifest, here: Manifest, there: Manifest) {
  const spellings = new Map<string, Set<string>>()
  const seen = new Set<string>()
  for (const path of wanted.keys())
    for (const part of [...foldersOf(path), path]) {
      if (seen.has(part)) continue
      seen.add(part)
      const known = spellings.get(folded(part))
      if (known) known.add(part)
      else spellings.set(folded(part), new Set([part]))
    }
  const colliding = new Map([...spellings].filter(([, spelled]) => spelled.size > 1))
  const isFrozen = (path: string) =>
    colliding.size > 0 && [...foldersOf(path), path].some(part => colliding.has(folded(part)))
  const collisions: Collision[] = []
  for (const path of wanted.keys()) {
    if (!isFrozen(path) || isSame(here.get(path), there.get(path))) continue
    const part = [...foldersOf(path), path].find(one => colliding.has(folded(one))) ?? path
    const other = [...(colliding.get(folded(part)) ?? [])].find(one => one !== part) ?? part
    collisions.push({ path, with: other })
  }
  return { collisions, isFrozen }
}
