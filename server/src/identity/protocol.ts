// The OAuth routes that are open to clients. Only these of better-auth's many are reachable; beside each stands what it
// lacks: a limit, the address of a device, patience for a refresh sent twice, the end of our own login row.

import { setTimeout as sleep } from 'node:timers/promises'
import { oauth } from '@spoq/contracts/login'
import type { From } from '../http/from.ts'
import { limits, takeAttempt } from './attempt.ts'
import { hashToken, paths } from './auth.ts'
import { bound } from './defaults.ts'
import { aliveLogin, endLogin } from './login/store.ts'
import { addressOf, asForm, fieldsOf, type Here, oauthRefusal } from './request.ts'
import type { IdentityDb } from './tables.ts'
import { type WebDeps, webSession } from './web-session.ts'

type Route = (deps: WebDeps, request: Request, here: Here) => Promise<Response>

/** By method and path. */
export const protocol: Record<string, Route> = {
  [`GET ${oauth.metadataPath}`]: metadata,
  [`GET ${paths.jwks}`]: forward,
  [`GET ${paths.authorize}`]: authorize,
  [`POST ${paths.register}`]: register,
  [`POST ${paths.deviceCode}`]: deviceCode,
  [`POST ${paths.token}`]: token,
  [`POST ${paths.revoke}`]: revoke,
}

async function forward({ auth }: WebDeps, request: Request): Promise<Response> {
  return auth.handler(request)
}

/** Of endpoints that are not open, and of ways to authenticate that public clients do not have. */
const closed = /^introspection_|^backchannel_|_auth_(methods|signing_alg_values)_supported$/

/** The document of RFC 8414. */
async function metadata(deps: WebDeps, request: Request): Promise<Response> {
  const document = (await (await forward(deps, request)).json()) as Record<string, unknown>
  const shown = Object.entries(document).filter(([name]) => !closed.test(name))
  return Response.json(
    {
      ...Object.fromEntries(shown),
      token_endpoint_auth_methods_supported: ['none'],
      revocation_endpoint_auth_methods_supported: ['none'],
    },
    { headers: { 'cache-control': 'public, max-age=15' } },
  )
}

/** Always answers with a redirect. A session that is too old authorizes nothing. */
async function authorize(deps: WebDeps, request: Request): Promise<Response> {
  await webSession(deps, request)
  const headers = new Headers(request.headers)
  headers.set('sec-fetch-mode', 'navigate')
  headers.set('accept', 'text/html')
  return forward(deps, new Request(request.url, { headers }))
}

async function register(deps: WebDeps, request: Request): Promise<Response> {
  const wait = await takeAttempt(deps.db, limits.register, [`address:${addressOf(request)}`], deps.now())
  if (wait > 0) return oauthRefusal(429, 'temporarily_unavailable', `wait ${wait} s`, wait)
  return forward(deps, request)
}

/** Keeps where a device asked from, to be shown to whoever approves. */
async function deviceCode(deps: WebDeps, request: Request): Promise<Response> {
  const address = addressOf(request)
  const wait = await takeAttempt(deps.db, limits.deviceCode, [`address:${address}`], deps.now())
  if (wait > 0) return oauthRefusal(429, 'temporarily_unavailable', `wait ${wait} s`, wait)
  // A device cannot say whose it is (`user_id`); the person who approves does.
  const { user_id: _, ...fields } = await fieldsOf(request)
  const response = await forward(deps, asForm(request, paths.deviceCode, bound(fields, deps.baseUrl)))
  if (!response.ok) return response
  const { user_code, expires_in } = (await response.clone().json()) as { user_code: string; expires_in: number }
  const at = deps.now()
  await deps.db
    .insertInto('login_grant')
    .values({ user_code, address, created_at: new Date(at), expires_at: new Date(at + expires_in * 1_000) })
    .execute()
  return response
}

async function token(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  const form = new URLSearchParams(await request.clone().text())
  if (form.get('grant_type') !== 'refresh_token') return forward(deps, request)
  const hash = hashToken(form.get('refresh_token') ?? '')
  const owner = await ownerOf(deps.db, hash)
  // A twin of this request may be between "rotated" and "answer kept": what it answers is ours as well.
  for (let tries = 0; ; tries++) {
    const response = await forward(deps, request.clone() as Request)
    const twin = !response.ok && (await justRotated(deps.db, hash, deps.now()))
    if (owner && !response.ok && !twin) await endIfSpent(deps, owner, 'an old refresh token came back', from)
    if (!twin || tries === 20) return response
    await sleep(50)
  }
}

async function revoke(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  const form = new URLSearchParams(await request.clone().text())
  const owner = await ownerOf(deps.db, hashToken(form.get('token') ?? ''))
  const response = await forward(deps, request)
  if (owner) await endIfSpent(deps, owner, 'signed out', from)
  return response
}

interface Owner {
  clientId: string
  userId: string
}

/** Whose refresh token it is: knowing a client's id alone ends nobody's login. */
function ownerOf(db: IdentityDb, hash: string): Promise<Owner | undefined> {
  return db
    .selectFrom('auth_oauth_refresh_token')
    .select(['clientId', 'userId'])
    .where('token', '=', hash)
    .executeTakeFirst()
}

async function justRotated(db: IdentityDb, hash: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('auth_oauth_refresh_token')
    .select('id')
    .where('token', '=', hash)
    .where('rotationReplayExpiresAt', '>', new Date(now))
    .executeTakeFirst()
  return row !== undefined
}

/** A login whose last refresh token was revoked, or taken away because an old one came back, is over. */
async function endIfSpent(
  { db, now, ended }: WebDeps,
  { clientId, userId }: Owner,
  reason: string,
  origin: From,
): Promise<void> {
  await db.transaction().execute(async tx => {
    const left = await tx
      .selectFrom('auth_oauth_refresh_token')
      .select('id')
      .where('clientId', '=', clientId)
      .where('userId', '=', userId)
      .where('revoked', 'is', null)
      .executeTakeFirst()
    const login = left ? undefined : await aliveLogin(tx, userId, clientId)
    if (!login) return
    const ending = { account: userId, id: login, actor: 'system', reason, origin, now: now(), ended }
    await endLogin(tx, ending)
  })
}
