// Tells when something in a folder changes.

import { watch } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { SpoqError } from '@spoq/contracts/problem'
import type { SyncChange } from '@spoq/contracts/sync'
import type { OpenPlace } from './named-folder.ts'

/** What happens within this time is told at once. */
const gatherMs = 5
const mostPaths = 1_000

/** First an event that says that it listens, then one for what changed. Begins anew when the folder goes away. */
export async function* changesOf(open: OpenPlace, signal: AbortSignal): AsyncGenerator<SyncChange> {
  const place = await open(true)
  if (!place) throw new SpoqError('sync_refused')
  const root = place.root
  await place[Symbol.asyncDispose]()
  let id = 0
  let changed = new Set<string>()
  let wake = () => {}
  const watcher = watch(root, { recursive: true, signal }, (_, path) => {
    changed.add(path ?? '')
    wake()
  })
  watcher.on('error', () => wake())
  signal.addEventListener('abort', () => wake(), { once: true })
  try {
    yield { id: ++id, paths: [] }
    while (!signal.aborted) {
      if (changed.size === 0) await new Promise<void>(resolve => (wake = resolve))
      await sleep(gatherMs, undefined, { signal }).catch(() => {})
      const paths = [...changed]
      changed = new Set()
      if (paths.length > 0) yield { id: ++id, paths: paths.length > mostPaths || paths.includes('') ? [] : paths }
    }
  } finally {
    watcher.close()
  }
}
