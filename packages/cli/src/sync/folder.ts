// Which folder here is synced with which folder of the workspace, and where what is known of both is kept.

import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import { directoryFor } from '../run/map.ts'

export interface SyncedFolder {
  /** Its real path here. */
  local: string
  /** Its path in the workspace, with slashes. */
  remote: string
  /** A folder of the data folder: what is known of it. */
  state: string
  /** In `state`: what both sides held last. */
  base: string
}

/** @param to what the folder of the workspace is to be. @throws SpoqError `usage` for a folder that cannot be synced. */
export function syncedFolder(context: Context, path: string, to?: string): SyncedFolder {
  const local = realPath(path)
  if ([realpathSync('/'), realpathSync(homedir())].includes(local))
    throw new SpoqError('usage', {
      message: `${local} as a whole is not synced.`,
      next: `Name a folder in it: ${context.bin} sync projects/app`,
    })
  const mapped = directoryFor(context, local)
  const remote = to ?? (mapped === '.' ? basename(local) : mapped)
  const state = join(folders.cli(context.dataDir), 'sync', shortHash(local))
  return { local, remote, state, base: join(state, `base-${shortHash(`${context.machine ?? ''} ${remote}`)}`) }
}

function realPath(path: string): string {
  try {
    const real = realpathSync(path)
    if (statSync(real).isDirectory()) return real
  } catch {
    // Told below.
  }
  throw new SpoqError('usage', { message: `${path} is no folder here.`, next: 'Name a folder that is there.' })
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 24)
