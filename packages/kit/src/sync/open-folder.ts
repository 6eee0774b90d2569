// An open folder of the sync: what is reached by `at` is in this very folder, whatever is renamed or linked meanwhile.

import { closeSync, constants, existsSync, openSync } from 'node:fs'
import type { Folder } from '../files/index.ts'

export interface OpenFolder extends Pick<Folder, 'at'> {
  handle: number
  close(): void
}

// Linux names an open folder; elsewhere its path has to do.
const namesOpenFolders = existsSync('/proc/self/fd')

/** Opens a folder, a link not followed. @throws what the system says. */
export function openFolderAt(path: string): OpenFolder {
  const handle = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  const base = namesOpenFolders ? `/proc/self/fd/${handle}` : path
  return { handle, at: name => `${base}/${name}`, close: () => closeSync(handle) }
}
