// Access tokens of the login on this computer: kept, refreshed once for all processes, exchanged for a machine's.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { folders } from '../data-dir.ts'
import type { Tokens } from './oauth.ts'
import { openStore, type SecretStore } from './secret-store.ts'
import { readSettings } from './settings.ts'

/** A token is renewed when it has less than this to live. */
const marginMs = 60_000
const longestWaitMs = 30_000

type Place = Pick<Context, 'dataDir' | 'now' | 'setting'>

/**
 * The access token for a server.
 * @param refused a token that was just refused: it is not given again
 * @throws SpoqError `not_signed_in`, `login_locked`, `login_revoked`, `server_unknown`
 */
export async function accessToken(place: Place, server: string, refused?: string): Promise<string> {
  const given = place.setting('TOKEN')
  if (given) return given
  const { store } = await loginOf(place, server)
  const kept = await readTokens(store, server)
  if (isFresh(kept.accessToken, kept.expiresAt, place.now(), refused)) return kept.accessToken
  return locked(place, () => refresh(place, server, refused))
}

/**
 * A token that opens one machine. For `refused` and errors see `accessToken`; also `machine_not_found`, and `clock_off`
 * when a machine refused one and the server says why: the clocks differ.
 */
export async function machineToken(place: Place, server: string, machine: string, refused?: string): Promise<string> {
  if (place.setting('TOKEN')) return (await exchange(place, server, machine)).token
  const { store } = await loginOf(place, server)
  const kept = (await readMachineTokens(store, server))[machine]
  if (kept && isFresh(kept.token, kept.expiresAt, place.now(), refused)) return kept.token
  const { serverTime, ...fresh } = await exchange(place, server, machine)
  if (refused !== undefined) assertClock(server, place.now(), serverTime)
  await locked(place, async () => {
    const others = await readMachineTokens(store, server)
    await store.set(machinesName(server), JSON.stringify({ ...others, [machine]: fresh }))
  })
  return fresh.token
}

/** Keeps the tokens of a new login. */
export function keepTokens(place: Place, store: SecretStore, server: string, tokens: Tokens): Promise<void> {
  return locked(place, async () => {
    await store.delete(machinesName(server))
    await store.set(loginName(server), JSON.stringify(tokens))
  })
}

/** Forgets the tokens of a login; answers what they were, for revocation. */
export function forgetTokens(place: Place, store: SecretStore, server: string): Promise<Tokens | null> {
  return locked(place, async () => {
    const kept = await store.get(loginName(server))
    await store.delete(machinesName(server))
    await store.delete(loginName(server))
    return kept ? (JSON.parse(kept) as Tokens) : null
  })
}

/** Called with the lock held: reads again, since another process may have refreshed meanwhile. */
async function refresh(place: Place, server: string, refused?: string): Promise<string> {
  const { store, clientId } = await loginOf(place, server)
  const kept = await readTokens(store, server)
  if (isFresh(kept.accessToken, kept.expiresAt, place.now(), refused)) return kept.accessToken
  const { discover, inOurWords, tokensOf } = await import('./oauth.ts')
  const { refreshTokenGrant } = await import('openid-client')
  const config = await discover(server, clientId)
  const answer = await inOurWords(server, () => refreshTokenGrant(config, kept.refreshToken), {
    invalid_grant: 'login_revoked',
    invalid_client: 'login_revoked',
  })
  const fresh = tokensOf(answer, place.now(), kept.refreshToken)
  await store.set(loginName(server), JSON.stringify(fresh))
  return fresh.accessToken
}

interface MachineToken {
  token: string
  expiresAt: number
}

async function exchange(
  place: Place,
  server: string,
  machine: string,
  refused?: string,
): Promise<MachineToken & { serverTime: number }> {
  const { discover, expiryOf, inOurWords } = await import('./oauth.ts')
  const { customFetch, genericGrantRequest } = await import('openid-client')
  const subject = await accessToken(place, server, refused)
  const clientId = readSettings(place.dataDir).logins[server]?.clientId ?? oauth.stockClient
  const config = await discover(server, clientId)
  let serverTime = Number.NaN
  config[customFetch] = async (url, options) => {
    const response = await fetch(url, options as RequestInit)
    serverTime = Date.parse(response.headers.get('date') ?? '')
    return response
  }
  const parameters = {
    subject_token: subject,
    subject_token_type: oauth.accessTokenType,
    requested_token_type: oauth.accessTokenType,
    audience: machine,
  }
  try {
    const answer = await inOurWords(server, () => genericGrantRequest(config, oauth.exchangeGrant, parameters), {
      invalid_target: 'machine_not_found',
      invalid_client: 'login_revoked',
      invalid_grant: 'login_revoked',
    })
    return { token: answer.access_token, expiresAt: expiryOf(answer, place.now()), serverTime }
  } catch (error) {
    // Only the server's clock decides whether a token has expired.
    if (refused === undefined && isRefusal(error)) return exchange(place, server, machine, subject)
    throw error
  }
}

/** A machine on this computer has this computer's clock: that it is wrong, only the server can tell. */
function assertClock(server: string, now: number, serverTime: number): void {
  const minutes = Math.round((now - serverTime) / 60_000)
  if (Number.isNaN(minutes) || Math.abs(minutes) < 2) return
  throw new SpoqError('clock_off', {
    message: `This computer's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'} ${server}.`,
  })
}

const isRefusal = (error: unknown) =>
  error instanceof SpoqError && (error.code === 'token_expired' || error.code === 'token_invalid')

/** The login on a server, with the store that holds its secrets. */
async function loginOf(place: Place, server: string) {
  const login = readSettings(place.dataDir).logins[server]
  if (!login) throw new SpoqError('not_signed_in', { message: `You are not signed in to ${server}.` })
  return { store: await openStore(login.store, place.dataDir), clientId: login.clientId }
}

async function readTokens(store: SecretStore, server: string): Promise<Tokens> {
  const kept = await store.get(loginName(server))
  if (kept) return JSON.parse(kept) as Tokens
  throw store.name === 'keychain' ? new SpoqError('login_locked') : new SpoqError('not_signed_in')
}

async function readMachineTokens(store: SecretStore, server: string): Promise<Record<string, MachineToken>> {
  return JSON.parse((await store.get(machinesName(server))) ?? '{}')
}

const loginName = (server: string) => `login ${server}`
const machinesName = (server: string) => `machines ${server}`

const isFresh = (token: string, expiresAt: number, now: number, refused: string | undefined) =>
  token !== refused && expiresAt - now > marginMs

/** One process at a time changes what is kept; the others wait, then find what it left. */
async function locked<T>({ dataDir }: Place, work: () => Promise<T>): Promise<T> {
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
