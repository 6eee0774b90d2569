import { existsSync } from 'node:fs'
import { ProviderError } from '../provider.ts'
import { start } from './conductor.ts'
import { folderOf, isMachine, isWhole } from './folder.ts'
import type { Local } from './options.ts'

/** Starts the machine's Conductor again, unless it runs. */
export async function resume(local: Local, ref: string): Promise<void> {
  const folder = folderOf(local, ref)
  if (!isMachine(ref) || !existsSync(folder)) throw new ProviderError('gone', `There is no machine ${ref}.`)
  if (!isWhole(folder)) throw new ProviderError('refused', `${folder} has no conductor.json: make the machine again.`)
  await start(local, ref)
}
