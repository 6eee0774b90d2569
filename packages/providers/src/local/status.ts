import { existsSync } from 'node:fs'
import { folderHolder } from '@spoq/kit/folder-lock'
import type { Resource } from '../provider.ts'
import { answering } from './conductor.ts'
import { folderOf, isMachine, isWhole } from './folder.ts'
import type { Local } from './options.ts'

/** Looks at one machine's folder and asks its Conductor. */
export async function status(local: Local, ref: string): Promise<Resource | null> {
  const folder = folderOf(local, ref)
  if (!isMachine(ref) || !existsSync(folder)) return null
  const silent = { ref, machine: ref, endpoint: null }
  if (!isWhole(folder)) return { ...silent, state: 'failed', reason: 'Its folder has no conductor.json.' }
  const running = await answering(local, ref)
  return running ?? { ...silent, state: folderHolder(folder) ? 'creating' : 'stopped' }
}
