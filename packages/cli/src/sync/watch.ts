// Keeps a folder here and one on the machine the same until it is told to stop: a saved edit goes over by itself.

import { setTimeout as sleep } from 'node:timers/promises'
import { follow } from '@spoq/client/stream'
import { SpoqError } from '@spoq/contracts/problem'
import { syncChanges } from '@spoq/contracts/sync'
import { type Entry, isTemporary, openPlace, watchFolders } from '@spoq/kit/sync'
import { writeBase } from './base.ts'
import { smallStep } from './small-step.ts'
import { type InStep, type Syncing, syncFully } from './sync.ts'

/** Settles when the signal ends it, by its reason. @throws SpoqError what no further try would better. */
export async function watchAndSync(syncing: Syncing): Promise<never> {
  const { folder, view, signal } = syncing
  const changed = changes()
  const watch = watchFolders(folder.local, changed.here)
  const leaving = new AbortController()
  const following = followMachine(AbortSignal.any([signal, leaving.signal]), changed).catch(changed.fail)
  let known: (InStep & { entries: Map<string, Entry>; isSaved: boolean }) | undefined
  await using place = await openPlace(folder.local)
  changed.all()
  try {
    for (;;) {
      const { here, there, isAll } = await changed.next(signal)
      const step = known && { ...syncing, ...known, place, folder: folder.remote, base: known.entries }
      const stepped = step && !isAll ? await trying(changed, () => smallStep(step, here, there)) : null
      if (stepped && known) {
        known.isSaved &&= stepped.here.length + stepped.there.length === 0
        view.stepped(stepped)
        continue
      }
      save()
      known = await trying(changed, whole)
      // What was made in a new folder before it was watched was told to nobody.
      if (known && watch.follow(known.here.folders) > 0) changed.all()
      else if (known) view.watching()
    }
  } finally {
    save()
    watch.close()
    leaving.abort()
    await following
  }

  async function whole(): Promise<NonNullable<typeof known>> {
    const began = performance.now()
    place.forget()
    const now = await syncFully({ ...syncing, join: known ? async () => {} : syncing.join })
    view.result(now.result, { dryRun: false, quiet: known !== undefined })
    changed.rest(performance.now() - began)
    return { ...now, entries: new Map(now.base()), isSaved: true }
  }

  function save(): void {
    if (known && !known.isSaved) writeBase(folder.base, known.id, known.entries)
    if (known) known.isSaved = true
  }

  /** A machine that is away for a while is waited for: what it tells first when it is back begins a whole sync. */
  async function trying<T>(later: ReturnType<typeof changes>, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!(error instanceof SpoqError) || !patient.has(error.code)) throw error
      view.away(error.message)
      later.again(2_000)
      return undefined
    }
  }

  /** Tells what changes there, over as many connections as it takes. */
  async function followMachine(end: AbortSignal, told: ReturnType<typeof changes>): Promise<void> {
    const query = { folder: folder.remote }
    const how = { query, signal: end, isLast: () => false, tries: Number.POSITIVE_INFINITY }
    const events = follow(syncing.target, syncChanges, how)
    for await (const { paths } of events)
      if (paths.length === 0) told.all()
      else for (const path of paths) told.there(path)
  }
}

const patient = new Set([
  'machine_unreachable',
  'machine_away',
  'unavailable',
  'sync_busy',
  'server_unknown',
  'token_expired',
])

/** What a save does in several steps is told at once. */
const gatherMs = 2

/** Gathers what changed until it is asked for. */
function changes() {
  let [here, there] = [new Set<string>(), new Set<string>()]
  let isAll = false
  let failed: { error: unknown } | undefined
  let restUntil = 0
  let wake = () => {}
  const noted = (work: () => void) => {
    work()
    wake()
  }
  const all = () => noted(() => (isAll = true))
  const note = (paths: () => Set<string>) => (path: string | null) => {
    if (path === null) return all()
    if (!isTemporary(path)) noted(() => paths().add(path))
  }

  async function next(signal: AbortSignal) {
    const stop = () => wake()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted && !failed && !isAll && here.size + there.size === 0)
        await new Promise<void>(resolve => (wake = resolve))
      await sleep(gatherMs)
      // Whole syncs take half of the time at most, however much changes.
      while (isAll && performance.now() < restUntil && !signal.aborted) await sleep(20)
      signal.throwIfAborted()
      if (failed) throw failed.error
      const taken = { here: [...here], there: [...there], isAll }
      ;[here, there, isAll] = [new Set(), new Set(), false]
      return taken
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  return {
    next,
    all,
    here: note(() => here),
    there: note(() => there),
    fail: (error: unknown) => noted(() => (failed = { error })),
    rest: (ms: number) => (restUntil = performance.now() + ms),
    again: (ms: number) => void setTimeout(all, ms).unref(),
  }
}
