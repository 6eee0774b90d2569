// Backups in a folder of this computer, or of a disk that is mounted there.

import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SpoqError } from '@spoq/contracts/problem'
import { syncFolder } from '@spoq/kit/sealed-file'
import { ObjectMissing, type ObjectStore } from './object-store.ts'

/** An object is a file; its name's parts are folders. It is written aside and moved into its place. */
export function folderStore(folder: string): ObjectStore {
  const at = (name: string) => join(folder, name)
  return {
    async put(name, bytes) {
      const path = at(name)
      const part = `${path}.part`
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      try {
        await pipeline(
          Readable.from(bytes, { objectMode: false }),
          createWriteStream(part, { mode: 0o600, flush: true }),
        )
        await rename(part, path)
        syncFolder(dirname(path))
      } catch (error) {
        await rm(part, { force: true })
        throw isFull(error) ? full(error) : error
      }
    },
    async get(name) {
      const handle = await open(at(name)).catch(error => {
        throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new ObjectMissing(name) : error
      })
      return createReadStream('', { fd: handle })
    },
    async remove(name) {
      await rm(at(name), { force: true })
      await rm(`${at(name)}.part`, { force: true })
    },
  }
}

const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')

const full = (cause: unknown) =>
  new SpoqError('backup_failed', {
    cause,
    message: 'There is no room for the backup where backups are stored.',
    next: 'Remove old ones with spoq backup remove, or make room there.',
  })
