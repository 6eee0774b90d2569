// GitHub: plain OAuth. Its token endpoint answers errors with status 200, and the address of a person has a call of its own.

import { createAuthorizationURL } from '@better-auth/core/oauth2'
import * as z from 'zod/mini'
import {
  type AppOptions,
  ask,
  away,
  codeForm,
  githubUrl,
  refused,
  type SocialPerson,
  type SocialProvider,
} from './provider.ts'

/** An answer with both is an error. */
const tokenAnswer = z.union([
  z.object({ error: z.string() }),
  z.object({ access_token: z.string().check(z.minLength(1)) }),
])
const user = z.object({ id: z.int(), login: z.string(), name: z.nullish(z.string()) })
const emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))

/** Signs in with GitHub, or with a GitHub Enterprise Server at `url`. */
export function githubProvider(options: AppOptions, redirectUri: string): SocialProvider {
  const { url, clientId } = options
  const api = url === githubUrl ? 'https://api.github.com' : `${url}/api/v3`
  return {
    id: 'github',
    redirectUri,
    nonce: false,
    authorizeUrl: ({ state, codeVerifier }) =>
      createAuthorizationURL({
        id: 'github',
        options: { clientId },
        authorizationEndpoint: `${url}/login/oauth/authorize`,
        scopes: ['read:user', 'user:email'],
        redirectURI: redirectUri,
        state,
        codeVerifier,
      }),
    personOf: async given => {
      const form = codeForm(options, redirectUri, given)
      const token = await ask('github', `${url}/login/oauth/access_token`, tokenAnswer, form)
      if ('error' in token) throw refusedOrOurs(token.error)
      return personOf(api, token.access_token)
    },
  }
}

async function personOf(api: string, token: string): Promise<SocialPerson> {
  const init = { headers: { authorization: `Bearer ${token}` } }
  const { id, login, name } = await ask('github', `${api}/user`, user, init)
  const known = await ask('github', `${api}/user/emails`, emails, init)
  const primary = known.find(one => one.primary)
  return {
    id: String(id),
    name: name || login,
    email: primary?.email.toLowerCase() || null,
    emailVerified: primary?.verified ?? false,
  }
}

/** Only a code that is wrong is the person's to put right; a wrong secret of the app is the operator's. */
const refusedOrOurs = (error: string) =>
  error === 'bad_verification_code' ? refused('github', new Error(error)) : away('github', new Error(error))
