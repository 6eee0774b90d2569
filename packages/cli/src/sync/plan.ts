// What a sync has to do: what both sides have and had, without what stays home on either of them.

import { type Entry, foldersOf, isSame, type Manifest, merge, type Named, type Plan, type Scan } from '@spoq/kit/sync'
import type { Base, Pending } from './base.ts'
import type { There } from './machine.ts'

/** The entries that a plan puts on its sides. */
export function pendingOf({ here, there }: Plan, id: string, pull: boolean): Pending {
  const puts = (actions: Plan['here']) => actions.flatMap(one => (one.kind === 'put' ? [one.entry] : []))
  return { id, here: puts(here), there: pull ? [] : puts(there) }
}

export interface Planned extends Plan {
  base: Manifest
  hereManifest: Manifest
  thereManifest: Manifest
}

/** Null when there is nothing to do and nothing to be remembered. */
export function planOf(
  here: Pick<Scan, 'manifest' | 'digest' | 'left' | 'refused' | 'staysHome'>,
  there: There,
  before: { base: Base | null; pending: Pending | null },
  device: string,
): Planned | null {
  const { base, pending } = before
  const isBase = base !== null && base.id === there.id
  if (isBase && there.manifest === null && here.digest === base.digest) return null
  const [known, thereAll] = [base?.manifest() ?? new Map(), there.manifest ?? base?.manifest() ?? new Map()]
  const isOut = outside(here, there)
  const sides = {
    base: isBase ? without(known, isOut) : new Map<string, Entry>(),
    here: without(here.manifest, isOut),
    there: without(thereAll, isOut),
  }
  if (pending?.id === there.id)
    for (const side of ['here', 'there'] as const) arrived(pending[side], sides[side], sides.base)
  const plan = merge({ ...sides, names: { here: device, there: 'machine' } })
  return { ...plan, base: sides.base, hereManifest: sides.here, thereManifest: sides.there }
}

/** What a sync that was cut off has brought to a side, both sides have held since. */
function arrived(pending: readonly Entry[], side: Manifest, base: Map<string, Entry>): void {
  for (const one of pending) if (isSame(side.get(one.path), one)) base.set(one.path, one)
}

/** Whether a path, or a folder that it stands in, stays where it is. */
function outside(here: Pick<Scan, 'left' | 'refused' | 'staysHome'>, there: There): (path: string) => boolean {
  const paths = (left: string[], refused: Named[]) => [...left, ...refused.map(({ path }) => path)]
  const all = [...paths(here.left, here.refused), ...paths(there.left, there.refused)]
  const out = new Set(all.map(path => path.replace(/\/$/, '')))
  return path => out.has(path) || foldersOf(path).some(folder => out.has(folder)) || here.staysHome(path)
}

function without(manifest: Manifest, isOut: (path: string) => boolean): Map<string, Entry> {
  return new Map([...manifest].filter(([path]) => !isOut(path)))
}

/** What both sides hold from now on; of what was not done, what they held before. */
export function nextBase(plan: Planned, undone: ReadonlySet<string>): Map<string, Entry> {
  const next = new Map<string, Entry>()
  for (const path of new Set([...plan.base.keys(), ...plan.wanted.keys()])) {
    const stays = undone.has(path) || plan.isFrozen(path)
    const entry = stays ? plan.base.get(path) : plan.wanted.get(path)
    if (entry) next.set(path, entry)
  }
  return new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)))
}
