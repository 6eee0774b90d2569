// Tokens by the password grant, which is what Contabo has: one for all calls, until shortly before its end.

import * as z from 'zod/mini'
import { openApi } from '../shared/api.ts'
import type { Patience } from '../shared/patience.ts'

export interface TokenOptions {
  clientId: string
  clientSecret: string
  user: string
  password: string
  authUrl?: string | undefined
  keyName: string
  now: () => number
  patience: Pick<Patience, 'answerMs'>
}

const answered = z.object({ access_token: z.string(), expires_in: z.number() })
const usualPath = '/auth/realms/contabo/protocol/openid-connect/token'
/** Between here and there a token may be under way for so long. */
const marginMs = 30_000

/**
 * Answers a function that answers a token; calls at once share one. `refused` is one that was not taken: it is not
 * answered again. @throws ProviderError
 */
export function openTokens(options: TokenOptions): (refused?: string) => Promise<string> {
  const { now } = options
  const ask = asking(options)
  let last: Promise<{ token: string; endsAt: number }> | undefined

  async function fetched() {
    const askedAt = now()
    const { access_token: token, expires_in } = await ask()
    const ms = expires_in * 1_000
    return { token, endsAt: askedAt + Math.max(ms - marginMs, ms / 2) }
  }

  function anew() {
    const mine = fetched()
    last = mine
    // A failure is told to those who wait for it, and not kept.
    mine.catch(() => {
      if (last === mine) last = undefined
    })
    return mine
  }

  return async refused => {
    const before = last
    const known = await before
    if (known && known.token !== refused && now() < known.endsAt) return known.token
    // Whoever came first has asked already.
    return (await (last !== before && last ? last : anew())).token
  }
}

function asking({ clientId, clientSecret, user, password, authUrl, keyName, now, patience }: TokenOptions) {
  const given = new URL(authUrl ?? 'https://auth.contabo.com')
  const path = given.pathname === '/' ? usualPath : given.pathname
  const api = openApi({
    service: 'Contabo',
    url: given.origin,
    keyName,
    authorize: async () => ({}),
    explain: body => {
      const { error, error_description } = (body ?? {}) as { error?: string; error_description?: string }
      return { code: error, message: error_description }
    },
    refusing: Object.fromEntries(wrongKey.map(code => [code, `the key is wrong. Check ${keyName}.`])),
    timeoutMs: patience.answerMs,
    now,
  })
  const form = { grant_type: 'password', client_id: clientId, client_secret: clientSecret, username: user, password }
  return () => api.ask(answered, 'POST', path, { form })
}

/** Codes of RFC 6749 (5.2) that a wrong key is answered with, by 400 or 401. */
const wrongKey = ['invalid_grant', 'invalid_client', 'unauthorized_client']
