import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Backup, createBackup } from '@spoq/contracts/backup'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { waitForBackup } from './wait.ts'

/** Asks for a backup of a machine, and waits for it where that is wanted. */
export async function makeBackup(
  context: Context,
  backend: Target,
  { machine, kind, wait }: { machine: string; kind: 'manual' | 'export'; wait: boolean },
): Promise<Backup> {
  const progress = await startProgress(context)
  try {
    const asked = await call(backend, createBackup, { params: { machine }, body: { kind } })
    return wait ? await waitForBackup(backend, asked, progress) : asked
  } finally {
    progress.stop()
  }
}
