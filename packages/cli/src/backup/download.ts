// Writes a backup's archive into a file, which is there whole or not at all.

import { createHash } from 'node:crypto'
import { download } from '@spoq/client/bytes'
import type { Target } from '@spoq/client/target'
import { type Backup, exportBackup } from '@spoq/contracts/backup'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { writeWhole } from '../write-file.ts'
import { sizeInWords } from './show.ts'

/** @throws SpoqError `backup_damaged` when what came is not what was made. */
export async function downloadBackup(context: Context, backend: Target, backup: Backup, file: string): Promise<void> {
  const progress = await startProgress(context)
  const hash = createHash('sha256')
  const pieces = async function* () {
    let bytes = 0
    let shown = -1
    for await (const piece of download(backend, exportBackup, { params: { backup: backup.id } })) {
      hash.update(piece)
      bytes += piece.length
      const percent = backup.bytes ? Math.floor((bytes / backup.bytes) * 10) * 10 : 0
      if (percent !== shown) progress.step(`Exporting ${sizeInWords(backup.bytes ?? 0)}: ${percent} %`)
      shown = percent
      yield piece
    }
    if (hash.digest('hex') !== backup.sha256) throw new SpoqError('backup_damaged')
  }
  try {
    await writeWhole(file, pieces())
  } finally {
    progress.stop()
  }
}
