// One sync of a folder: both sides are read, compared with what they last held, and brought to the same.

import { mkdirSync, statfsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import {
  deviceName,
  type Manifest,
  openPlace,
  type Place,
  readRemembered,
  receiver,
  rememberedOf,
  type Scan,
  scan,
  writeRemembered,
} from '@spoq/kit/sync'
import { dropPending, readBase, readPending, writeBase, writePending } from './base.ts'
import { carryOut } from './carry-out.ts'
import type { SyncedFolder } from './folder.ts'
import { lookThere } from './machine.ts'
import { hasContent } from './outgoing.ts'
import { nextBase, type Planned, pendingOf, planOf } from './plan.ts'
import { resultOf, type SyncResult } from './result.ts'
import type { SyncView } from './view.ts'

export interface Syncing {
  target: Target
  folder: SyncedFolder
  include: string[]
  pull: boolean
  dryRun: boolean
  view: SyncView
  /** Asked when both folders hold something and were never synced with each other; throws when they shall not be joined. */
  join: (files: number) => Promise<void>
  signal: AbortSignal
  /** How much one request to the machine holds at most. Default: half a gigabyte. */
  requestBytes?: number
}

/** What both sides hold after a sync, for those who go on from there. */
export interface InStep {
  result: SyncResult
  here: Scan
  /** Which folder of the machine it was. */
  id: string
  base: () => Manifest
}

/** Syncs once. @throws SpoqError `sync_refused`, `sync_busy`, `disk_full`, `machine_unreachable`, `interrupted`. */
export async function syncOnce(syncing: Syncing): Promise<SyncResult> {
  return (await syncFully(syncing)).result
}

/** The same, and answers what both sides hold. */
export async function syncFully(syncing: Syncing): Promise<InStep> {
  try {
    return await compareAndSync(syncing)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? fullHere(error) : error
  }
}

/** What is kept of a sync is written before what it is about: without room for it nothing more is changed. */
const fullHere = (cause: unknown) =>
  new SpoqError('disk_full', {
    cause,
    message: 'The disk of this computer is full. What was brought over is whole.',
    next: 'Make room on this computer, then sync again: it goes on.',
  })

async function compareAndSync(syncing: Syncing): Promise<InStep> {
  const { target, folder, include, view, signal, pull } = syncing
  mkdirSync(folder.state, { recursive: true, mode: 0o700 })
  await using place = await openPlace(folder.local)
  const [base, pending] = [readBase(folder.base), await readPending(folder.base)]
  view.step('Comparing')
  // The machine is asked first: it reads while this computer does.
  const asked = lookThere(target, folder.remote, { know: base?.digest ?? null, include }, signal)
  const [there, here] = await Promise.all([asked, turn().then(() => scanHere(place, syncing))])
  const plan = planOf(here, there, { base, pending }, deviceName(hostname()))
  const [id, nothing] = [there.id, () => base?.manifest() ?? new Map()]
  if (!plan) return { result: resultOf({ here, there, plan: null, undone: null, pull }), here, id, base: nothing }
  if (!base && pending?.id !== there.id && plan.hereManifest.size > 0 && plan.thereManifest.size > 0)
    await syncing.join(plan.thereManifest.size)
  view.plan(plan, pull)
  if (syncing.dryRun) return { result: resultOf({ here, there, plan, undone: null, pull }), here, id, base: nothing }
  assertRoom(folder.local, plan)
  const carrying = { ...syncing, folder: folder.remote, place }
  const taking = receiver(place, { include, cache: here.cache })
  // What the sync before this one was cut off in has to be told apart from this one's.
  if (pending) writeBase(folder.base, id, plan.base)
  writePending(folder.base, pendingOf(plan, id, pull))
  const undone = await carryOut({ ...carrying, receiver: taking, onBytes: view.bytes }, plan)
  const notDone = [...undone.here, ...undone.there, ...(pull ? plan.there.map(pathOf) : [])]
  const next = nextBase(plan, new Set(notDone.map(({ path }) => path)))
  writeBase(folder.base, id, next)
  await dropPending(folder.base)
  if (plan.here.length > 0) writeRemembered(cacheFile(folder), rememberedOf(here.cache))
  return { result: resultOf({ here, there, plan, undone, pull }), here, id, base: () => next }
}

const pathOf = (action: Planned['there'][number]) => (action.kind === 'put' ? action.entry : action)

async function scanHere(place: Place, { folder, include, view }: Syncing): Promise<Scan> {
  const known = readRemembered(cacheFile(folder))
  const here = await scan(place, { known, include, onRead: view.read })
  if (here.isNews) writeRemembered(cacheFile(folder), here.remembered)
  return here
}

const cacheFile = ({ state }: SyncedFolder) => join(state, 'files.json')

/** @throws SpoqError `disk_full` before anything is fetched that does not fit. */
function assertRoom(local: string, plan: Planned): void {
  const wanted = plan.here.filter(hasContent).reduce((sum, { entry }) => sum + entry.size, 0)
  const { bavail, bsize } = statfsSync(local)
  if (wanted < bavail * bsize) return
  throw new SpoqError('disk_full', {
    message: `What comes from the machine has ${wanted} bytes, more than this disk has room for. Nothing was changed.`,
    next: 'Make room on this computer, then sync again.',
  })
}
