// The folders of the workspace that other computers sync with. Each request is one step that is whole by itself, so that
// whoever goes away in the middle leaves nothing behind.

import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import type { SyncChange } from '@spoq/contracts/sync'
import { frames, messageIn, PeerRefused } from '@spoq/kit/sync'
import { turnTaker } from './alone.ts'
import { followers } from './changes.ts'
import { exchange } from './exchange.ts'
import { type Kept, letGo } from './kept.ts'
import { look } from './look.ts'
import { namedFolder } from './named-folder.ts'

interface Options {
  /** The machine's folder: what is known of files is kept in it, never in what is synced. */
  folder: string
  workspace: string
  now: () => number
}

export interface Syncs {
  /** Answers one request, as frames. @throws SpoqError `sync_busy`, `sync_refused`, `disk_full`. */
  answer(folder: string, bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>>
  /** What changes in a folder from now on, numbered from `after`, until the reader leaves. @throws SpoqError `sync_refused`. */
  changes(folder: string, after: number, signal: AbortSignal): AsyncIterable<SyncChange>
  stop(): Promise<void>
}

/** Of so many folders is remembered what they hold. */
const mostKept = 8

export function openSyncs({ folder, workspace, now }: Options): Syncs {
  const kept = new Map<string, Kept>()
  const alone = turnTaker()

  function keptOf(name: string): Kept {
    const known = kept.get(name) ?? { file: cacheFile(folder, name), place: namedFolder(workspace, name), now }
    kept.delete(name)
    kept.set(name, known)
    const oldest = [...kept].find(([, one]) => !one.watch)?.[0]
    if (kept.size > mostKept && oldest !== undefined) void forget(oldest)
    return known
  }

  async function forget(name: string): Promise<void> {
    const one = kept.get(name)
    kept.delete(name)
    if (one) await alone(name, () => letGo(one)).catch(() => {})
  }

  async function answer(name: string, bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
    const one = keptOf(name)
    return alone(name, async () => {
      const coming = frames(bytes)
      try {
        const first = await coming.next()
        const asked = first.done ? null : messageIn(first.value.head)
        if (asked?.type === 'look') return await look(one, asked)
        if (asked?.type === 'exchange') return await exchange(one, asked, coming)
        throw new PeerRefused('it asks for nothing')
      } catch (error) {
        throw asSpoqError(error)
      } finally {
        await coming.return(undefined)
      }
    })
  }

  return {
    answer,
    changes: (name, after, signal) => {
      const one = keptOf(name)
      one.changes ??= followers(one)
      return one.changes(after, signal)
    },
    stop: async () => {
      for (const name of [...kept.keys()]) await forget(name)
    },
  }
}

function cacheFile(folder: string, name: string): string {
  const at = join(folder, 'sync')
  mkdirSync(at, { recursive: true, mode: 0o700 })
  return join(at, `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`)
}

function asSpoqError(error: unknown): unknown {
  if (error instanceof PeerRefused)
    return new SpoqError('sync_refused', {
      cause: error,
      message: `The machine refuses what this computer sent: ${error.message}.`,
      next: 'Update Spoq on both sides, then sync again.',
    })
  return (error as NodeJS.ErrnoException).code === 'ENOSPC' ? new SpoqError('disk_full', { cause: error }) : error
}
