// What a request is taken to say when it says nothing, and what no client may say, before better-auth reads it.

import { oauth } from '@spoq/contracts/login'
import { APIError, createAuthMiddleware } from 'better-auth/api'

const longestName = 64
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?\//

type Fields = Record<string, unknown>

/** A hook for every request to better-auth. */
export function requestDefaults(baseUrl: string) {
  return createAuthMiddleware(async ctx => {
    if (ctx.path === '/oauth2/authorize') return { context: { query: bound(ctx.query ?? {}, baseUrl) } }
    if (ctx.path === '/oauth2/register') return { context: { body: publicClient(ctx.body ?? {}) } }
    return undefined
  })
}

/** Every login is for the backend: without a resource the token would be an opaque one that no machine can be had for. */
export function bound<T extends Fields>(fields: T, baseUrl: string) {
  return { ...fields, resource: fields.resource || baseUrl, scope: fields.scope || oauth.scopes.join(' ') }
}

/** Clients that register are public, native, named, and send people back to their own computer alone. */
function publicClient(fields: Fields): Fields {
  const redirects = Array.isArray(fields.redirect_uris) ? fields.redirect_uris : []
  if (!redirects.every(uri => typeof uri === 'string' && loopback.test(uri)))
    throw new APIError('BAD_REQUEST', {
      error: 'invalid_redirect_uri',
      error_description: 'redirect URIs must be http on 127.0.0.1, [::1] or localhost',
    })
  const code = redirects.length > 0
  return {
    client_name: cleanName(fields.client_name),
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    grant_types: [...(code ? ['authorization_code'] : []), 'refresh_token', oauth.deviceGrant, oauth.exchangeGrant],
    ...(code ? { redirect_uris: redirects, response_types: ['code'] } : {}),
  }
}

/** A name is shown to the person who approves: one short line without anything that turns or hides text. */
function cleanName(name: unknown): string {
  const line = typeof name === 'string' ? name.replace(/[\p{C}\p{Z}]+/gu, ' ').trim() : ''
  return [...line].slice(0, longestName).join('') || 'an unnamed computer'
}
