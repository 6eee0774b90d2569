// Old contents of files, each once, by what is in them: `FOLDER/ab/abcd…`, for their owner alone.

import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'

export interface Contents {
  /** Keeps a content, on the disk once this answers, and answers its hash. */
  keep(bytes: Buffer): Promise<string>
  /** A content that is kept; null when it is not, or not what it was. */
  read(hash: string): Promise<Buffer | null>
  drop(hash: string): Promise<void>
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export function contentsIn(folder: string): Contents {
  const fileOf = (hash: string) => join(folder, hash.slice(0, 2), hash)

  async function keep(bytes: Buffer): Promise<string> {
    const hash = hashOf(bytes)
    const file = fileOf(hash)
    if (await stat(file).catch(() => null)) return hash
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const fresh = join(dirname(file), `.${randomUUID()}`)
    try {
      await using handle = await open(fresh, 'wx', 0o600)
      await handle.writeFile(bytes)
      await handle.sync()
      await rename(fresh, file)
    } catch (error) {
      await rm(fresh, { force: true })
      const { code } = error as NodeJS.ErrnoException
      throw code === 'ENOSPC' || code === 'EDQUOT' ? new SpoqError('disk_full', { cause: error }) : error
    }
    return hash
  }

  async function read(hash: string): Promise<Buffer | null> {
    const bytes = await readFile(fileOf(hash)).catch(() => null)
    return bytes && hashOf(bytes) === hash ? bytes : null
  }

  return { keep, read, drop: hash => rm(fileOf(hash), { force: true }) }
}
