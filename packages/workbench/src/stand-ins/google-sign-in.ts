// A stand-in for signing in with Google: OpenID Connect discovery, the authorization page (here it says yes by itself), the
// token endpoint with ID tokens signed by its own keys.

import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { json, readForm, serveHttp } from './http.ts'
import { type Authorization, authorizations, type SignInApp } from './sign-in-app.ts'

export interface GooglePerson {
  sub: string
  email?: string
  email_verified?: boolean
  name: string
}

export interface GoogleSignIn extends SignInApp<GooglePerson> {
  /** Claims, header and key of the ID tokens it makes from now on, where a test wants them wrong. */
  forge: { claims?: JWTPayload; header?: object; by?: CryptoKey | Uint8Array }
  /** A new key in place of the old one. */
  rotate(): Promise<void>
  /** Goes away, and comes back at the same address. */
  trouble: 'none' | 'silent' | 'odd'
}

export const googlePerson = (name: string, email: string, verified = true): GooglePerson => ({
  sub: `1${randomBytes(8).readBigUInt64BE()}`,
  email,
  email_verified: verified,
  name,
})

/** Starts it on a free port; set `redirectUri` and `person` before a browser comes. */
export async function startGoogleSignIn(): Promise<GoogleSignIn> {
  const codes = authorizations<GooglePerson>()
  let key = await newKey()
  const running = await serveHttp(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here')
    if (google.trouble === 'silent') return void response.destroy()
    if (google.trouble === 'odd') return void response.end('<h1>502. That’s an error.</h1>')
    google.asked.push(`${request.method} ${pathname}`)
    if (pathname === '/.well-known/openid-configuration') return json(response, 200, metadata(google.url))
    if (pathname === '/o/oauth2/v2/auth') return codes.authorize(google, searchParams, response)
    if (pathname === '/oauth2/v3/certs') return json(response, 200, { keys: [key.publicJwk] })
    if (pathname === '/token') return token(request, response)
    json(response, 404, { error: 'not_found' })
  })
  const google: GoogleSignIn = {
    ...running,
    clientId: '1234-abcd.apps.googleusercontent.com',
    clientSecret: 'GOCSPX-a-secret-of-the-app',
    redirectUri: '',
    person: null,
    says: {},
    asked: [],
    forge: {},
    trouble: 'none',
    rotate: async () => {
      key = await newKey()
    },
  }
  return google

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await readForm(request)
    if (form.get('client_id') !== google.clientId || form.get('client_secret') !== google.clientSecret)
      return json(response, 401, { error: 'invalid_client', error_description: 'Unauthorized' })
    const given = form.get('grant_type') === 'authorization_code' && codes.take(form.get('code') ?? '', form)
    if (!given) return json(response, 400, { error: 'invalid_grant', error_description: 'Malformed auth code.' })
    json(response, 200, {
      access_token: `ya29.${randomBytes(24).toString('base64url')}`,
      expires_in: 3_599,
      scope: given.scope,
      token_type: 'Bearer',
      id_token: await idToken(given),
      ...google.says,
    })
  }

  function idToken({ person, nonce }: Authorization<GooglePerson>): Promise<string> {
    const now = Math.floor(Date.now() / 1_000)
    const { claims, header, by } = google.forge
    const whose = { iss: google.url, aud: google.clientId, azp: google.clientId, iat: now, exp: now + 3_600 }
    return new SignJWT({ ...whose, ...person, ...(nonce ? { nonce } : {}), ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT', ...header })
      .sign(by ?? key.privateKey)
  }
}

const metadata = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/o/oauth2/v2/auth`,
  token_endpoint: `${url}/token`,
  jwks_uri: `${url}/oauth2/v3/certs`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'profile'],
  code_challenge_methods_supported: ['plain', 'S256'],
})

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = randomUUID()
  return { privateKey, kid, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
}
