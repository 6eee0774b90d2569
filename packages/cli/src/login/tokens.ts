// The access token of the login on this computer: kept, and refreshed once for all processes.

import { givenToken, isGiven } from './given.ts'
import { isFresh, locked, loginName, loginOf, machinesName, type Place, readTokens } from './kept.ts'
import type { Tokens } from './oauth.ts'
import type { SecretStore } from './secret-store.ts'

/**
 * The access token for a server.
 * @param refused a token that was just refused: it is not given again
 * @throws SpoqError `not_signed_in`, `login_locked`, `login_revoked`, `server_unknown`
 */
export async function accessToken(place: Place, server: string, refused?: string): Promise<string> {
  if (isGiven(place)) {
    const given = await givenToken(place, server, refused)
    if (given) return given
  }
  const { store } = await loginOf(place, server)
  const kept = await readTokens(store, server)
  if (isFresh(kept.accessToken, kept.expiresAt, place.now(), refused)) return kept.accessToken
  return locked(place, () => refresh(place, server, refused))
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
