// Puts on the disk what was written, so that a power cut takes nothing back that both sides count on.

import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Folder } from '../files/index.ts'

/** The whole disk at once: a word for each of many files takes long. */
export async function allOnDisk(root: string): Promise<void> {
  const sync = promisify(execFile)
  await sync('sync', ['-f', root]).catch(() => sync('sync'))
}

/** The names in one folder. */
export async function folderOnDisk(folder: Folder): Promise<null> {
  await using handle = await open(folder.at('.'), constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.sync()
  return null
}
