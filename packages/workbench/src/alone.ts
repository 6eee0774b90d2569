import { FolderBusy, type FolderLock, lockFolder } from '@spoq/kit/folder-lock'

/** Works in a folder while no other process does: tests that run side by side share what is fetched. It waits for its turn. */
export function alone<T>(folder: string, work: () => T): T {
  const lock = locked(folder)
  try {
    return work()
  } finally {
    lock.release()
  }
}

function locked(folder: string): FolderLock {
  for (;;)
    try {
      return lockFolder(folder)
    } catch (error) {
      // It has waited a moment itself.
      if (!(error instanceof FolderBusy)) throw error
    }
}
