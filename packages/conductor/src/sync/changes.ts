// Tells those who follow a folder when something in it changes.

import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SyncChange } from '@spoq/contracts/sync'
import { type FolderWatch, isTemporary, watchFolders } from '@spoq/kit/sync'
import type { Kept } from './kept.ts'

/** What happens within this time is told at once. */
const gatherMs = 5
const mostPaths = 1_000

/** One watch for all who follow a folder; it looks at the folders that the last look found. */
export function followers(kept: Kept) {
  const told = new EventEmitter().setMaxListeners(0)
  let watch: FolderWatch | undefined
  let count = 0

  function enter(root: string): void {
    if (count++ > 0) return
    watch = watchFolders(root, path => (path === null || !isTemporary(path)) && told.emit('change', path))
    watch.follow(kept.folders ?? [''])
    kept.watch = watch
  }

  function leave(): void {
    if (--count > 0) return
    watch?.close()
    delete kept.watch
  }

  /** The first event, without a path, says that it listens. */
  async function* changes(after: number, signal: AbortSignal): AsyncGenerator<SyncChange> {
    const place = await kept.place(true)
    await place?.[Symbol.asyncDispose]()
    const paths = new Set<string | null>()
    const note = (path: string | null) => void paths.add(path)
    told.on('change', note)
    enter(place?.root ?? '')
    try {
      let id = after
      yield { id: ++id, paths: [] }
      while (!signal.aborted) {
        if (paths.size === 0) await once(told, 'change', { signal })
        await sleep(gatherMs, undefined, { signal })
        const some = [...paths]
        paths.clear()
        yield { id: ++id, paths: some.length > mostPaths || some.includes(null) ? [] : (some as string[]) }
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      told.off('change', note)
      leave()
    }
  }

  return changes
}
