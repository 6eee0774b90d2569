// Where the secrets of a login are: the system's keychain where there is one, else a file of this user alone.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { folders } from '../data-dir.ts'
import { writePrivately } from '../private-file.ts'
import { type Keychain, loadKeychain } from './keychain.ts'
import type { StoreName } from './settings.ts'

/** Secrets by name, each a text. */
export interface SecretStore {
  name: StoreName
  /** Null when there is none. @throws SpoqError `login_locked` when a keychain that holds it keeps silent. */
  get(name: string): Promise<string | null>
  set(name: string, secret: string): Promise<void>
  delete(name: string): Promise<void>
}

/** The store of a kind, for a data folder. */
export async function openStore(kind: StoreName, dataDir: string): Promise<SecretStore> {
  if (kind === 'file') return fileStore(dataDir)
  const keychain = await loadKeychain()
  if (!keychain)
    throw new SpoqError('login_locked', { message: 'The login is in the keychain, and no keychain answers here.' })
  return keychainStore(keychain, dataDir)
}

/** The best store here: a keychain that gives back what it was given, unless none is wanted; else a file. */
export async function bestStore(dataDir: string, wanted: { keychain: boolean }): Promise<SecretStore> {
  const keychain = wanted.keychain ? await loadKeychain() : null
  return keychain && (await remembers(keychain)) ? keychainStore(keychain, dataDir) : fileStore(dataDir)
}

const service = 'spoq'

/** A locked keyring takes secrets in silence and answers nothing. */
export async function remembers(keychain: Keychain): Promise<boolean> {
  const account = `probe ${process.pid}`
  try {
    await keychain.setPassword(service, account, account)
    const kept = await keychain.getPassword(service, account)
    await keychain.deletePassword(service, account)
    return kept === account
  } catch {
    return false
  }
}

export function keychainStore(keychain: Keychain, dataDir: string): SecretStore {
  const account = (name: string) => `${name} (${dataDir})`
  return {
    name: 'keychain',
    get: name => keychain.getPassword(service, account(name)),
    set: (name, secret) => keychain.setPassword(service, account(name), secret),
    delete: async name => void (await keychain.deletePassword(service, account(name))),
  }
}

/** One file for all: `cli/credentials.json`. Written only by who holds the lock of `tokens.ts`. */
function fileStore(dataDir: string): SecretStore {
  const path = join(folders.cli(dataDir), 'credentials.json')
  const read = (): Record<string, string> => {
    try {
      return JSON.parse(readFileSync(path, 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return {}
      throw error
    }
  }
  const change = (name: string, secret: string | undefined) => {
    const { [name]: _, ...rest } = read()
    const next = secret === undefined ? rest : { ...rest, [name]: secret }
    if (Object.keys(next).length > 0) writePrivately(path, JSON.stringify(next, null, 2))
    else rmSync(path, { force: true })
  }
  return {
    name: 'file',
    get: async name => read()[name] ?? null,
    set: async (name, secret) => change(name, secret),
    delete: async name => change(name, undefined),
  }
}
