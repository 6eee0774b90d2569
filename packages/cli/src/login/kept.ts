// What is kept of the logins on this computer, and the lock under which it is changed.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import type { Tokens } from './oauth.ts'
import { openStore, type SecretStore } from './secret-store.ts'
import { readSettings } from './settings.ts'

/** Whose logins are meant. */
export type Place = Pick<Context, 'dataDir' | 'now' | 'setting' | 'actions' | 'memory'>

export interface MachineToken {
  token: string
  expiresAt: number
}

/** A token is renewed when it has less than this to live. */
const marginMs = 60_000
const longestWaitMs = 30_000

/** The login on a server, with the store that holds its secrets. */
export async function loginOf(place: Place, server: string) {
  const login = readSettings(place.dataDir).logins[server]
  if (!login) throw new SpoqError('not_signed_in', { message: `You are not signed in to ${server}.` })
  return { store: await openStore(login.store, place.dataDir), clientId: login.clientId }
}

export async function readTokens(store: SecretStore, server: string): Promise<Tokens> {
  const kept = await store.get(loginName(server))
  if (kept) return JSON.parse(kept) as Tokens
  throw store.name === 'keychain' ? new SpoqError('login_locked') : new SpoqError('not_signed_in')
}

export async function readMachineTokens(store: SecretStore, server: string): Promise<Record<string, MachineToken>> {
  return JSON.parse((await store.get(machinesName(server))) ?? '{}')
}

export const loginName = (server: string) => `login ${server}`
export const machinesName = (server: string) => `machines ${server}`

export const isFresh = (token: string, expiresAt: number, now: number, refused: string | undefined) =>
  token !== refused && expiresAt - now > marginMs

/** One process at a time changes what is kept; the others wait, then find what it left. */
export async function locked<T>({ dataDir }: Place, work: () => Promise<T>): Promise<T> {
  const { FolderBusy, lockFolder } = await import('@spoq/kit/folder-lock')
  const folder = join(folders.cli(dataDir), 'refresh.lock')
  for (let waited = 0; ; waited += 50) {
    try {
      const lock = lockFolder(folder)
      try {
        return await work()
      } finally {
        lock.release()
      }
    } catch (error) {
      if (!(error instanceof FolderBusy) || waited >= longestWaitMs) throw error
      await sleep(50)
    }
  }
}
