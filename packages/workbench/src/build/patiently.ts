import { setTimeout as sleep } from 'node:timers/promises'
import { FolderBusy, type FolderLock, lockFolder } from '@spoq/kit/folder-lock'

/** Takes the lock of a folder, which is made if needed; waits for as long as another has it. */
export async function patiently(folder: string): Promise<FolderLock> {
  for (;;) {
    try {
      return lockFolder(folder)
    } catch (error) {
      if (!(error instanceof FolderBusy)) throw error
      await sleep(200)
    }
  }
}
