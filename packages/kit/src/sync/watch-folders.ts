// Tells of changes in the folders of a sync, and in no others: those that stay home may be many times larger.

import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'

export interface FolderWatch {
  /** Watches these folders, by their paths below the root, in place of those before; '' is the root. Answers how many are new. */
  follow(folders: Iterable<string>): number
  close(): void
}

/** On these the system watches all that is below a folder at once. */
const watchesBelow = process.platform === 'darwin' || process.platform === 'win32'

/**
 * @param changed told of a path that may be another by now; of null when that could be any: a system watches only so many
 * folders, and says nothing of the others. It is then told so every `blindMs`.
 */
export function watchFolders(root: string, changed: (path: string | null) => void, blindMs = 5_000): FolderWatch {
  const watchers = new Map<string, FSWatcher>()
  let blind: NodeJS.Timeout | undefined

  function add(folder: string): void {
    try {
      const watcher = watch(join(root, folder), { recursive: watchesBelow }, (_, name) =>
        changed(name === null ? null : below(folder, name)),
      )
      // A folder that is gone is told by the one around it.
      watcher.on('error', () => remove(folder))
      watchers.set(folder, watcher)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') blind ??= setInterval(() => changed(null), blindMs)
    }
  }

  function remove(folder: string): void {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }

  return {
    follow: folders => {
      const wanted = new Set(watchesBelow ? [''] : folders)
      for (const folder of [...watchers.keys()]) if (!wanted.has(folder)) remove(folder)
      const fresh = [...wanted].filter(folder => !watchers.has(folder))
      for (const folder of fresh) add(folder)
      return fresh.length
    },
    close: () => {
      clearInterval(blind)
      for (const folder of [...watchers.keys()]) remove(folder)
    },
  }
}

const below = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`)
