// A sign-in that comes from the environment instead of a login: SPOQ_TOKEN, or what a GitHub Actions job can have. It lives
// as long as this process; nothing of it is written anywhere.

import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { isFresh, type MachineToken } from './kept.ts'

export type Given = Pick<Context, 'setting' | 'actions' | 'memory' | 'now'>

/** Whether the environment signs in; logins on this computer are then left alone. */
export const isGiven = ({ setting, actions }: Pick<Context, 'setting' | 'actions'>): boolean =>
  setting('TOKEN') !== undefined || actions !== undefined

/**
 * The token for the backend that the environment gives; undefined when it gives none.
 * @throws SpoqError `not_signed_in` when GitHub makes none for this job; `trust_missing`, `which_trust`.
 */
export async function givenToken(place: Given, server: string, refused?: string): Promise<string | undefined> {
  const token = place.setting('TOKEN')
  if (token !== undefined || !place.actions) return token
  return remembered(place, `login ${server}`, refused, () => exchangeJob(place, server))
}

/** What `make` gave last, while it is good. */
export async function remembered(
  { memory, now }: Given,
  name: string,
  refused: string | undefined,
  make: () => Promise<MachineToken>,
): Promise<string> {
  const kept = memory?.get(name)
  if (kept && isFresh(kept.token, kept.expiresAt, now(), refused)) return kept.token
  const made = await make()
  memory?.set(name, made)
  return made.token
}

/** RFC 8693: the job's ID token for a token of 15 minutes. */
async function exchangeJob(place: Given, server: string): Promise<MachineToken> {
  const { discover, expiryOf, inOurWords } = await import('./oauth.ts')
  const { genericGrantRequest } = await import('openid-client')
  const config = await discover(server, oauth.stockClient)
  const trust = place.setting('TRUST')
  const parameters = {
    subject_token: await idToken(place, server),
    subject_token_type: oauth.idTokenType,
    requested_token_type: oauth.accessTokenType,
    audience: server,
    ...(trust ? { trust } : {}),
  }
  const answer = await inOurWords(server, () => genericGrantRequest(config, oauth.exchangeGrant, parameters))
  return { token: answer.access_token, expiresAt: expiryOf(answer, place.now()) }
}

/** GitHub makes it for us alone: nobody else takes a token with this audience. */
async function idToken({ actions }: Given, audience: string): Promise<string> {
  const url = new URL(actions?.url ?? '')
  url.searchParams.set('audience', audience)
  const response = await fetch(url, { headers: { authorization: `Bearer ${actions?.token}` } }).catch(() => undefined)
  const { value } = (response?.ok ? await response.json().catch(() => ({})) : {}) as { value?: unknown }
  if (typeof value === 'string') return value
  throw new SpoqError('not_signed_in', {
    message: `GitHub gave this job no ID token (${response?.status ?? 'no answer'}).`,
    next: 'Give the job the permission id-token: write, or SPOQ_TOKEN.',
  })
}
