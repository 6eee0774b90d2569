// What a sync did, as a person and a program are told.

import type { Conflict, Named, Scan } from '@spoq/kit/sync'
import type { Undone } from './carry-out.ts'
import type { There } from './machine.ts'
import type { Planned } from './plan.ts'

interface Moved {
  files: number
  bytes: number
  removed: number
}

export interface SyncResult {
  /** What changed on each side, or would. */
  here: Moved
  there: Moved
  conflicts: Conflict[]
  /** What could not be brought over, and why. */
  failed: (Named & { side: 'here' | 'there' })[]
  /** What stays by rule, on this computer. */
  left: string[]
}

interface Done {
  here: Pick<Scan, 'left' | 'refused'>
  there: Pick<There, 'refused'>
  plan: Planned | null
  undone: Undone | null
  pull: boolean
}

export function resultOf({ here, there, plan, undone, pull }: Done): SyncResult {
  const [failedHere, failedThere] = [undone?.here ?? [], undone?.there ?? []]
  const collisions = (plan?.collisions ?? []).map(({ path, with: other }) => ({
    path,
    why: `is the same name as ${other} on some disks`,
    side: plan?.hereManifest.has(path) ? ('here' as const) : ('there' as const),
  }))
  return {
    here: movedBy(plan?.here ?? [], failedHere),
    there: movedBy(pull ? [] : (plan?.there ?? []), failedThere),
    conflicts: plan?.conflicts ?? [],
    failed: [
      ...collisions,
      ...[...here.refused, ...failedHere].map(one => ({ ...one, side: 'here' as const })),
      ...[...there.refused, ...failedThere].map(one => ({ ...one, side: 'there' as const })),
    ],
    left: here.left,
  }
}

function movedBy(actions: Planned['here'], failed: readonly Named[]): Moved {
  const not = new Set(failed.map(({ path }) => path))
  const moved = { files: 0, bytes: 0, removed: 0 }
  for (const action of actions) {
    if (not.has(action.kind === 'put' ? action.entry.path : action.path)) continue
    if (action.kind === 'remove') moved.removed++
    else moved.files++
    if (action.kind === 'put' && action.entry.kind === 'file' && action.copy === undefined)
      moved.bytes += action.entry.size
  }
  return moved
}
