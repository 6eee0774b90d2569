// Waits until a backup is made, or put back.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Backup, type Restore, showBackup, showRestore } from '@spoq/contracts/backup'
import { SpoqError } from '@spoq/contracts/problem'
import type { Progress } from '../progress.ts'

const everyMs = 300

/** @throws SpoqError why it could not be made. */
export async function waitForBackup(backend: Target, backup: Backup, progress: Progress): Promise<Backup> {
  for (let now = backup; ; now = await call(backend, showBackup, { params: { backup: backup.id } })) {
    if (now.state === 'ready') return now
    if (now.state === 'failed') throw failed(now)
    progress.step(now.error ? `Trying again: ${now.error.message}` : 'Making a backup')
    await sleep(everyMs)
  }
}

/** @throws SpoqError why it could not be put back; the machine is then as it was. */
export async function waitForRestore(backend: Target, asked: Restore, progress: Progress): Promise<Restore> {
  const params = { machine: asked.machine }
  for (let now: Restore | null = asked; ; { restore: now } = await call(backend, showRestore, { params })) {
    if (now?.askedAt !== asked.askedAt)
      throw new SpoqError('backup_state', { message: 'Another backup is put back meanwhile.' })
    if (now.state === 'done') return now
    if (now.state === 'failed') throw failed(now)
    progress.step(now.error ? `Trying again: ${now.error.message}` : 'Putting the backup back')
    await sleep(everyMs)
  }
}

const failed = ({ error }: Pick<Backup, 'error'>) =>
  new SpoqError(error?.code ?? 'backup_failed', error ? { message: error.message } : {})
