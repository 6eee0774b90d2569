import { existsSync } from 'node:fs'
import { FolderBusy } from '@spoq/kit/folder-lock'
import { ProviderError } from '../provider.ts'
import { stop } from './conductor.ts'
import { discardFolder, folderOf, isMachine, sweep } from './folder.ts'
import type { Local } from './options.ts'

/** Ends the machine's Conductor and removes its folder, whole or not. */
export async function terminate(local: Local, ref: string): Promise<void> {
  if (isMachine(ref) && existsSync(folderOf(local, ref))) {
    await stop(local, ref)
    await discard(local, ref)
  }
  await sweep(local)
}

async function discard(local: Local, machine: string): Promise<void> {
  try {
    await discardFolder(local, machine)
  } catch (error) {
    if (error instanceof FolderBusy) throw new ProviderError('retry', error.message, { cause: error })
    throw error
  }
}
