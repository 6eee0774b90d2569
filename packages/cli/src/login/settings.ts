// `cli/config.json`: what the command line remembers and everybody of this account may read. No secret.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folders } from '../data-dir.ts'
import { writePrivately } from '../private-file.ts'

/** Where the secrets of a login are kept. */
export type StoreName = 'keychain' | 'file'

export interface LoginSettings {
  store: StoreName
  /** The OAuth client that is this login alone. */
  clientId: string
}

export interface Settings {
  /** The server of the last login. */
  server?: string
  /** By the server's origin. */
  logins: Record<string, LoginSettings>
  /** Whether it was said that secrets are kept in a file. */
  warnedOfFile?: boolean
}

const path = (dataDir: string) => join(folders.cli(dataDir), 'config.json')

/** What is remembered; empty when nothing is. */
export function readSettings(dataDir: string): Settings {
  try {
    const read = JSON.parse(readFileSync(path(dataDir), 'utf8')) as Partial<Settings>
    return { ...read, logins: read.logins ?? {} }
  } catch {
    return { logins: {} }
  }
}

/** Changes what is remembered. */
export function changeSettings(dataDir: string, change: (settings: Settings) => Settings): void {
  writePrivately(path(dataDir), JSON.stringify(change(readSettings(dataDir)), null, 2))
}
