import { existsSync } from 'node:fs'
import { ProviderError } from '../provider.ts'
import { stop } from './conductor.ts'
import { folderOf, isMachine } from './folder.ts'
import type { Local } from './options.ts'

/** Ends the machine's Conductor; its folder stays. */
export async function suspend(local: Local, ref: string): Promise<void> {
  if (!isMachine(ref) || !existsSync(folderOf(local, ref)))
    throw new ProviderError('gone', `There is no machine ${ref}.`)
  await stop(local, ref)
}
