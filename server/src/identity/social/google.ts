// Google: OpenID Connect. Who somebody is stands in an ID token, which is signed, for us, and for this very request.

import { createAuthorizationURL } from '@better-auth/core/oauth2'
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod/mini'
import { type AppOptions, ask, away, codeForm, refused, type SocialPerson, type SocialProvider } from './provider.ts'

const address = z.url({ protocol: /^https?$/ })
const metadata = z.object({
  issuer: address,
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
})
const tokenAnswer = z.union([z.object({ error: z.string() }), z.object({ id_token: z.string() })])
const claims = z.object({
  sub: z.string().check(z.minLength(1)),
  name: z.optional(z.string()),
  email: z.optional(z.string()),
  // Some of its answers say it as text.
  email_verified: z.optional(z.union([z.boolean(), z.enum(['true', 'false'])])),
  nonce: z.optional(z.string()),
})

interface Known extends z.infer<typeof metadata> {
  keys: JWTVerifyGetKey
}

/** Signs in with Google; asks for its metadata once, when somebody signs in. */
export function googleProvider(options: AppOptions, redirectUri: string): SocialProvider {
  const { clientId, url } = options
  const known = once(() => discover(url))
  return {
    id: 'google',
    redirectUri,
    nonce: true,
    authorizeUrl: async ({ state, codeVerifier, nonce = '' }) =>
      createAuthorizationURL({
        id: 'google',
        options: { clientId },
        authorizationEndpoint: (await known()).authorization_endpoint,
        scopes: ['openid', 'email', 'profile'],
        redirectURI: redirectUri,
        state,
        codeVerifier,
        nonce,
      }),
    personOf: async given => {
      const { token_endpoint, keys, issuer } = await known()
      const answer = await ask('google', token_endpoint, tokenAnswer, codeForm(options, redirectUri, given))
      if ('error' in answer)
        throw answer.error === 'invalid_grant'
          ? refused('google', new Error(answer.error))
          : away('google', new Error(answer.error))
      return personIn(answer.id_token, keys, { issuer, audience: clientId })
    },
  }
}

async function discover(url: string): Promise<Known> {
  const found = await ask('google', `${url}/.well-known/openid-configuration`, metadata)
  // Another issuer's document would let it speak for this one (OpenID Connect Discovery, section 4.3).
  if (found.issuer !== url) throw away('google', new Error('its metadata are those of another issuer'))
  return { ...found, keys: createRemoteJWKSet(new URL(found.jwks_uri)) }
}

async function personIn(
  token: string,
  keys: JWTVerifyGetKey,
  whose: { issuer: string; audience: string },
): Promise<SocialPerson> {
  try {
    const checks = { ...whose, algorithms: ['RS256'], requiredClaims: ['exp', 'iat'], maxTokenAge: '10m' }
    const { payload } = await jwtVerify(token, keys, checks)
    const { sub, name = '', email, email_verified, nonce } = claims.parse(payload)
    const emailVerified = email_verified === true || email_verified === 'true'
    return { id: sub, name, email: email?.toLowerCase() || null, emailVerified, nonce }
  } catch (cause) {
    throw cause instanceof errors.JWKSTimeout || cause instanceof TypeError
      ? away('google', cause)
      : refused('google', cause)
  }
}

/** Remembers what it was told; asks again after a failure. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined
  return () => {
    kept ??= work().catch(error => {
      kept = undefined
      throw error
    })
    return kept
  }
}
