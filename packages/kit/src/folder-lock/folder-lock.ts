// A lock on a folder that ends with its process, however that ends. Node has no flock; SQLite's exclusive lock is one
// (fcntl on POSIX, LockFileEx on Windows), and the operating system gives it up when the process dies.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
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

/** Keeps the databases from the garbage collector, which would close the one of a caller who dropped its lock. */
const held = new Set<DatabaseSync>()

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
  held.add(database)
  return { tell, release: () => void (held.delete(database) && database.close()) }
}

/**
 * Who holds the lock of a folder just now; null when nobody does. In the moment after a lock was taken it may still
 * name the holder before: whoever acts on a pid looks twice.
 */
export function folderHolder(folder: string): Holder | null {
  return isHeld(folder) ? readHolder(folder) : null
}

/** Takes it for writing. A probe of somebody else is over in a moment, so that long is waited. */
function exclusive(folder: string): DatabaseSync | null {
  const database = new DatabaseSync(lockFile(folder), { timeout: 250 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (isBusy(error)) return null
    throw error
  }
}

/** A reader: it is refused while the lock is held, and never keeps anybody else from probing. */
function isHeld(folder: string): boolean {
  if (!existsSync(lockFile(folder))) return false
  const database = new DatabaseSync(lockFile(folder), { readOnly: true })
  try {
    database.prepare('SELECT 1 FROM sqlite_schema').all()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    database.close()
  }
}

const sqliteBusy = 5
const isBusy = (error: unknown) => (error as { errcode?: number }).errcode === sqliteBusy

function readHolder(folder: string): Holder | null {
  try {
    return JSON.parse(readFileSync(holderFile(folder), 'utf8')) as Holder
  } catch {
    return null
  }
}

function writeHolder(folder: string, holder: Holder): void {
  const whole = `${holderFile(folder)}.${process.pid}`
  writeFileSync(whole, JSON.stringify(holder), { mode: 0o600 })
  renameSync(whole, holderFile(folder))
}

const lockFile = (folder: string) => join(folder, 'lock.sqlite')
const holderFile = (folder: string) => join(folder, 'lock.json')
