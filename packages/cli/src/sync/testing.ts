// For tests.

import { join } from 'node:path'
import type { Target } from '@spoq/client/target'
import type { SyncedFolder } from './folder.ts'
import type { Syncing } from './sync.ts'
import type { SyncView } from './view.ts'

/** Says nothing. */
export const silent: SyncView = {
  step: () => {},
  read: () => {},
  plan: () => {},
  bytes: () => {},
  result: () => {},
  stepped: () => {},
  watching: () => {},
  away: () => {},
  stop: () => {},
}

/** A folder here, and what is kept of it. */
export const folderAt = (local: string, remote: string, state: string): SyncedFolder => ({
  local,
  remote,
  state,
  base: join(state, 'base'),
})

/** A sync in both directions that asks nothing and says nothing. */
export const syncing = (target: Target, folder: SyncedFolder, more: Partial<Syncing> = {}): Syncing => ({
  target,
  folder,
  include: [],
  pull: false,
  dryRun: false,
  view: silent,
  join: async () => {},
  signal: new AbortController().signal,
  ...more,
})
