// Puts on the disk what was written, so that a power cut takes nothing back that both sides count on.

import { execFile } from 'node:child_process'
import { closeSync, fsync as fsyncSoon, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { readFlags } from './hash-file.ts'

const fsync = promisify(fsyncSoon)

/** The whole disk at once: a word for each of many files takes long. */
export async function allOnDisk(root: string): Promise<void> {
  const sync = promisify(execFile)
  await sync('sync', ['-f', root]).catch(() => sync('sync'))
}

/** A file, or the names in a folder; where it is, is looked at before anything is waited for. */
export async function oneOnDisk(at: string): Promise<void> {
  const handle = openSync(at, readFlags)
  try {
    await fsync(handle)
  } finally {
    closeSync(handle)
  }
}
