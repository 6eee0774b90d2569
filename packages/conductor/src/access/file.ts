// What the backend told last about who may use the machine: `access.json` in the machine's folder.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AccessSnapshot, accessSnapshot } from '@spoq/contracts/access'
import { SpoqError } from '@spoq/contracts/problem'
import { writePrivately } from '@spoq/kit/sealed-file'

/**
 * The snapshot; null when the machine was told none yet.
 * @throws SpoqError `config_invalid` when it cannot be read: a machine that forgot whom to refuse lets nobody in.
 */
export function readAccess(folder: string): AccessSnapshot | null {
  const path = file(folder)
  try {
    return accessSnapshot.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new SpoqError('config_invalid', {
      cause,
      message: `${path} does not hold what the backend told about who may use this machine.`,
      next: 'Remove that file, then start the machine again with spoq machine start: it is told once more.',
    })
  }
}

/** Replaces it; a crash leaves the old or the new. */
export function writeAccess(folder: string, snapshot: AccessSnapshot): void {
  writePrivately(file(folder), `${JSON.stringify(snapshot)}\n`)
}

const file = (folder: string) => join(folder, 'access.json')
