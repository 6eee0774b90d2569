// One saved edit, without a look at all the rest: what changed at a few paths is brought over when it is plain what that means.

import type { Target } from '@spoq/client/target'
import { type Action, type Entry, isSame, type Place, receiver, type Scan, scanPath } from '@spoq/kit/sync'
import { carryOut } from './carry-out.ts'
import { lookThere } from './machine.ts'

export interface SmallStep {
  target: Target
  folder: string
  place: Place
  include: string[]
  pull: boolean
  here: Pick<Scan, 'cache' | 'staysHome'>
  /** Which folder of the machine that is; the last both held. It is kept true. */
  id: string
  base: Map<string, Entry>
  signal: AbortSignal
}

/** What happened on each side, in words of a plan. */
export interface Stepped {
  here: Action[]
  there: Action[]
}

/** More at a time are quicker in a whole sync. */
const mostPaths = 100

/**
 * Brings over files that were edited or removed on one side. Null when that does not tell all: something is new, is no file,
 * or changed on both sides. Then a whole sync has to follow.
 */
export async function smallStep(
  step: SmallStep,
  changedHere: string[],
  changedThere: string[],
): Promise<Stepped | null> {
  if (changedHere.length + changedThere.length > mostPaths) return null
  const there = await actionsFor(step, changedHere, await entriesHere(step, changedHere))
  const here = await actionsFor(step, changedThere, await entriesThere(step, changedThere))
  if (!here || !there) return null
  const both = new Set(there.map(pathOf))
  if (here.some(one => both.has(pathOf(one)))) return null
  if (here.length + there.length > 0 && !(await carried(step, { here, there }))) return null
  for (const one of step.pull ? here : [...here, ...there])
    if (one.kind === 'put') step.base.set(one.entry.path, one.entry)
    else step.base.delete(one.path)
  return { here, there: step.pull ? [] : there }
}

type Seen = Map<string, Entry | undefined> | null

/** What the other side has to do. */
async function actionsFor({ base, here }: SmallStep, paths: string[], seen: Seen): Promise<Action[] | null> {
  if (!seen) return null
  const actions: Action[] = []
  for (const path of paths) {
    const [now, was] = [seen.get(path), base.get(path)]
    if (here.staysHome(path) || isSame(now, was)) continue
    if (!was) return null
    actions.push(now ? { kind: 'put', entry: now, was } : { kind: 'remove', path, was })
  }
  // The last file of a folder that goes may be the folder that goes away.
  return actions.length > 0 && actions.length === base.size ? null : actions
}

async function entriesHere({ place, here }: SmallStep, paths: string[]): Promise<Seen> {
  const seen = new Map<string, Entry | undefined>()
  for (const path of paths) {
    if (here.staysHome(path)) continue
    const found = await scanPath(place, path, here.cache)
    if (found === 'unclear') return null
    seen.set(path, found)
  }
  return seen
}

async function entriesThere({ target, folder, include, here, id, signal }: SmallStep, paths: string[]): Promise<Seen> {
  const only = paths.filter(path => !here.staysHome(path))
  if (only.length === 0) return new Map()
  const there = await lookThere(target, folder, { know: null, include, only }, signal)
  if (there.id !== id || there.left.length > 0 || !there.manifest) return null
  return new Map([...there.manifest].filter(([path]) => only.includes(path)))
}

async function carried(step: SmallStep, actions: Stepped): Promise<boolean> {
  const { place, include, here } = step
  const plan = { ...actions, conflicts: [] }
  const taking = receiver(place, { include, cache: here.cache })
  const undone = await carryOut({ ...step, receiver: taking, onBytes: () => {} }, plan)
  return undone.here.length + undone.there.length === 0
}

const pathOf = (action: Action) => (action.kind === 'put' ? action.entry.path : action.path)
