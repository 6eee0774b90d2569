// Syncs a folder that no other process here syncs meanwhile.

import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { FolderBusy, lockFolder } from '@spoq/kit/folder-lock'
import { diskFull } from '@spoq/kit/sync'
import type { Context } from '../context.ts'
import { processInterrupts } from '../render/interrupts.ts'
import { mapFolder } from '../run/map.ts'
import { confirm } from '../terminal.ts'
import type { SyncedFolder } from './folder.ts'
import type { SyncResult } from './result.ts'
import { syncOnce } from './sync.ts'
import { syncView } from './view.ts'
import { watchAndSync } from './watch.ts'

interface How {
  include: string[]
  pull: boolean
  dryRun: boolean
  /** Go on until Ctrl-C. */
  watch: boolean
  /** Join two folders that both hold something, without a question. */
  join: boolean
}

/** Syncs once and shows what was done. @throws SpoqError as `syncOnce` does; `sync_busy` when another process is at it. */
export async function holdAndSync(
  context: Context,
  target: Target,
  folder: SyncedFolder,
  how: How,
  print: (line: string) => void = console.log,
): Promise<SyncResult> {
  const lock = hold(folder)
  const view = await syncView(context, print)
  const leaving = new AbortController()
  const forget = processInterrupts(() => leaving.abort(new SpoqError('interrupted')))
  try {
    const syncing = {
      target,
      folder,
      ...how,
      view,
      join: (files: number) =>
        how.join || how.dryRun ? Promise.resolve() : askToJoin(context, folder, files, view.stop),
      signal: leaving.signal,
    }
    if (how.watch) {
      mapFolder(context, folder.local, folder.remote)
      return await watchAndSync(syncing)
    }
    const result = await syncOnce(syncing)
    view.result(result, how)
    if (!how.dryRun) mapFolder(context, folder.local, folder.remote)
    assertRoom(result)
    return result
  } catch (error) {
    throw leaving.signal.aborted ? leaving.signal.reason : error
  } finally {
    view.stop()
    forget()
    lock.release()
  }
}

function hold({ state, local }: SyncedFolder) {
  try {
    return lockFolder(state)
  } catch (error) {
    if (!(error instanceof FolderBusy)) throw error
    throw new SpoqError('sync_busy', {
      message: `${local} is being synced by another process (${error.holder?.pid ?? 'unknown'}).`,
      next: 'Wait for it, or end it, then try again.',
    })
  }
}

async function askToJoin(context: Context, folder: SyncedFolder, files: number, stop: () => void): Promise<void> {
  stop()
  const message = `${folder.remote} on the machine holds ${files} files already. Join it with this folder?`
  if (await confirm(context.terminal, { message, flag: '--join', default: false })) return
  throw new SpoqError('interrupted', {
    message: 'The folders were not joined.',
    next: 'Name another folder of the machine with --to.',
  })
}

/** The machine went on without what did not fit; that is told as what it is. */
function assertRoom({ failed }: SyncResult): void {
  const full = failed.find(({ why }) => why === diskFull)
  if (!full) return
  throw new SpoqError('disk_full', {
    message: `The disk ${full.side === 'here' ? 'of this computer' : 'of the machine'} is full. What was brought over is whole.`,
    next: 'Make room there, then sync again: it goes on.',
  })
}
