// A lock on a folder that ends with its process, however that ends. Node has no flock; SQLite's exclusive lock is one
// (fcntl on POSIX, LockFileEx on Windows), and the operating system gives it up when the process dies.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What the holder of a lock tells others about itself. It is true for as long as the lock is held. */
export interface Holder {
  pid: number
  /** Where it can be reached, if it says so. */
  address?: string
}

export interface FolderLock {
  /** Says more about the holder, once it is known: the address it listens on. */
  tell(holder: Omit<Holder, 'pid'>): void
  release(): void
}

/** Another process holds the lock. */
export class FolderBusy extends Error {
  override readonly name = 'FolderBusy'
  readonly holder: Holder | null

  constructor(folder: string, holder: Holder | null) {
    super(`${folder} is in use${holder ? ` by process ${holder.pid}` : ''}`)
    this.holder = holder
  }
}

/**
 * Takes the lock of a folder, which is made if needed.
 * @throws FolderBusy at once when another process holds it.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = exclusive(folder)
  if (!database) throw new FolderBusy(folder, readHolder(folder))
  const tell = (holder: Omit<Holder, 'pid'>) => writeHolder(folder, { pid: process.pid, ...holder })
  tell({})
  return { tell, release: () => database.close() }
}

/** Who holds the lock of a folder just now; null when nobody does. */
export function folderHolder(folder: string): Holder | null {
  let database: DatabaseSync | null
  try {
    database = exclusive(folder)
  } catch {
    return null
  }
  if (!database) return readHolder(folder)
  database.close()
  return null
}

function exclusive(folder: string): DatabaseSync | null {
  const database = new DatabaseSync(join(folder, 'lock.sqlite'))
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return null
    throw error
  }
}

const sqliteBusy = 5

function readHolder(folder: string): Holder | null {
  try {
    return JSON.parse(readFileSync(holderFile(folder), 'utf8')) as Holder
  } catch {
    return null
  }
}

function writeHolder(folder: string, holder: Holder): void {
  writeFileSync(holderFile(folder), JSON.stringify(holder), { mode: 0o600 })
}

const holderFile = (folder: string) => join(folder, 'lock.json')
