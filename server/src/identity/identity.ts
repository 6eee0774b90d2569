// Identity: who is asking. better-auth is the authorization server; this mounts it, with our pages and what it lacks.

import { AsyncLocalStorage } from 'node:async_hooks'
import { join } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { scopes } from '@spoq/contracts/token'
import { APIError } from 'better-auth/api'
import type { Kysely, Transaction } from 'kysely'
import { placeFirstToken, removeFirstToken } from '../account/first-token.ts'
import { type AccountTables, anyAccount, keepAccount } from '../account/store.ts'
import type { Tables } from '../db/tables.ts'
import { type From, fromOf } from '../http/from.ts'
import type { Authenticate, Serve } from '../http/serve.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../mail/outbox.ts'
import { messagePage } from '../web/message.ts'
import { accessTokenCheck, type MachineCaller, machineTokenCheck } from './access-token.ts'
import { aliases } from './alias.ts'
import { limits, takeAttempt } from './attempt.ts'
import { makeAuth, paths } from './auth.ts'
import { type KnownLogin, loginsOf } from './login/lost.ts'
import { registerLogins } from './login/route.ts'
import { addLogin, aliveLogin, endLogin, keepLogin, standingLogins, useLogin } from './login/store.ts'
import { type BackendScope, machineToken } from './machine-token.ts'
import { pages } from './page/index.ts'
import { socialRoutes } from './page/social.ts'
import { registerPasswordChange } from './password-change/route.ts'
import { protocol } from './protocol.ts'
import { addressOf, assertOwnOrigin, wantsPage } from './request.ts'
import { registerReset } from './reset/route.ts'
import { credentialEnded } from './revocation.ts'
import { derive, openSecret } from './secret.ts'
import { tellChanges } from './security/change.ts'
import { noteSecurity } from './security/note.ts'
import { registerSecurity } from './security/route.ts'
import { signRelease } from './sign-release.ts'
import { openSigningKey } from './signing-key.ts'
import { openSocial } from './social/plugin.ts'
import { type SocialOptions, socialName } from './social/provider.ts'
import { keepStockClient } from './stock-client.ts'
import { sweep } from './sweep.ts'
import type { IdentityTables } from './tables.ts'
import { checkSecret } from './token/check.ts'
import { registerTokens } from './token/route.ts'
import { isSecret } from './token/secret.ts'
import { acceptJob } from './trust/accept-job.ts'
import { githubOidcUrl, jobTokenCheck } from './trust/job-token.ts'
import { registerTrusts } from './trust/route.ts'
import { findTrust } from './trust/store.ts'
import { registerVerification } from './verification/route.ts'
import { type Comers, makeUser, webSession } from './web-session.ts'

export interface IdentityOptions {
  db: Kysely<Tables>
  /** The origin that clients reach this backend by, without a slash at its end. */
  baseUrl: string
  dataDir: string
  /** Default: `server/secret` in the data folder. */
  keyFile?: string
  now: () => number
  accessTokenSeconds: number
  refreshTokenDays: number
  /** Seconds that a device code lives. Default 600. */
  deviceCodeSeconds?: number
  ownsMachine: (account: string, machine: string) => Promise<boolean>
  /** Has the machines of an account told of who may use them, once the transaction is committed. */
  accessChanged: (tx: Transaction<Tables>, account: string) => Promise<void>
  mail: Pick<Outbox, 'put' | 'wake'>
  /** Those who wait at a gateway for somebody to let them in. Default: there are none. */
  comers?: Comers
  /** Other services that one can sign in with. Default: none. */
  social?: SocialOptions | undefined
  /** Where the issuer of GitHub Actions' ID tokens is. Default: GitHub's own. */
  githubOidcUrl?: string | undefined
  log?: Log
}

export interface Identity {
  /** Answers better-auth's routes, OAuth and the pages; null when the path is none of these. */
  handler(request: Request, requestId: string): Promise<Response | null>
  /** Binds the routes of accounts that need what identity knows. */
  register(serve: Serve): void
  /**
   * Says whose request it is: by its bearer token (a login's, a trusted job's, a personal one), else by the web session's
   * cookie.
   * @throws SpoqError `not_signed_in`, `token_expired`, `token_invalid`, `login_revoked`, `forbidden` for a foreign Origin.
   */
  authenticate: Authenticate
  /** Makes a user without a limit of tries, with a web session: `cookie` is what Set-Cookie says. */
  signUp(user: { email: string; name: string; password: string }): Promise<{ account: string; cookie: string }>
  /** Removes what has expired and repairs what a crash left; for a job, now and then. */
  sweep(): Promise<void>
  /** A token of this backend itself, for one machine: it opens what is for the backend alone. */
  machineToken(machine: string, scope?: BackendScope): Promise<string>
  /** Whose token for a machine it is. @throws SpoqError `token_expired`, `token_invalid`, `forbidden`. */
  callerOf(token: string, machine: string): Promise<MachineCaller>
  /** Logins for those who know what else belongs to them: found, and each ended as its owner ends one, in the caller's transaction. */
  logins: {
    find(
      tx: Transaction<Tables>,
      account: string,
      of: { name: string; logins: readonly string[] },
    ): Promise<KnownLogin[]>
    end(tx: Transaction<Tables>, account: string, login: string, origin: From, reason?: string): Promise<void>
    /** Makes one that no program has a token of: what it stands for ends with it. */
    begin(
      tx: Transaction<Tables>,
      made: { account: string; client: string; name: string; origin: From },
    ): Promise<string>
    /** Of these those that stand. */
    standing(logins: readonly string[]): Promise<string[]>
  }
  /** A JWT of the release's manifest. */
  signRelease(release: Record<string, unknown>): Promise<string>
  issuer: string
  jwksUrl: string
}

/**
 * Opens identity on a migrated database. Makes the secret, the stock client, the signing key and, while there is no
 * account, its token. Backends of one database call it one after the other.
 */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { baseUrl, dataDir, now, log } = options
  /** Whose request better-auth is working on when it calls us back. */
  const asking = new AsyncLocalStorage<From>()
  const db = options.db.withTables<AccountTables & IdentityTables>()
  const secret = await openSecret(options.db, options.keyFile ?? join(dataDir, 'server', 'secret'))
  const signed = { issuer: baseUrl, now, jwks: async () => await auth.api.getJwks() }
  const verifySigned = accessTokenCheck({
    ...signed,
    isAlive: login => useLogin(db, login, now()),
    findTrust: trust => findTrust(db, trust),
  })
  const verify = (token: string, from: string) =>
    isSecret(token) ? checkSecret(db, token, { from, now: now() }) : verifySigned(token)
  const checkJob = jobTokenCheck({ url: options.githubOidcUrl ?? githubOidcUrl, audience: baseUrl, now })
  const social = openSocial(options.social ?? {}, baseUrl)
  const signingKey = openSigningKey(now)
  const auth = makeAuth({
    signingKey,
    db: db as never,
    baseUrl,
    secret,
    refreshTokenDays: options.refreshTokenDays,
    accessTokenSeconds: options.accessTokenSeconds,
    deviceCodeSeconds: options.deviceCodeSeconds ?? 600,
    ownsMachine: options.ownsMachine,
    verify,
    firstUse: async (account, code) => (await takeAttempt(db, limits.totpCode, [`${account}:${code}`], now())) === 0,
    acceptJob: (token, trust) => acceptJob({ db, now, check: checkJob }, token, trust),
    ...(log ? { log: message => log('error', 'identity.failed', { message }) } : {}),
    onUser: async user => {
      await keepAccount(db, user)
      removeFirstToken(dataDir)
    },
    social,
    onSocialSignIn: (account, service) => {
      const origin = asking.getStore() ?? null
      return noteSecurity(
        { db, now },
        { account, action: 'account.sign-in', origin, reason: `with ${socialName[service]}` },
      )
    },
    onWayIn: ({ userId }) => tellChanges({ db, now, mail: options.mail }, userId, asking.getStore() ?? null),
    loginFor: async ({ account, client, clientName, refresh }) => {
      const login = await aliveLogin(db, account, client)
      if (login) return login
      if (refresh) throw new APIError('BAD_REQUEST', { error: 'invalid_grant', error_description: 'login was ended' })
      return keepLogin(db, { account, client, name: clientName, origin: asking.getStore() ?? null, now: now() })
    },
  })
  await keepStockClient(auth, now())
  // better-auth makes the key when it is first asked for, so that backends asked together would each make one.
  await signed.jwks()
  const ended = credentialEnded(options.accessTokenSeconds, options.accessChanged)
  await sweep({ db, now, ended, mail: options.mail })
  // The same at all backends of the database, whichever is asked with it.
  placeFirstToken(dataDir, await anyAccount(db), derive(secret, 'first account'))

  const { mail } = options
  const comers = options.comers ?? { find: async () => null, decide: async () => false }
  const deps = { auth, db, baseUrl, now, secret: derive(secret, 'one time'), mail, ended, log, social, comers }
  const routes = { ...aliases, ...protocol, ...pages, ...socialRoutes(social.providers) }
  return {
    issuer: baseUrl,
    jwksUrl: `${baseUrl}${paths.jwks}`,
    machineToken: (machine, scope) => machineToken(auth, signingKey, baseUrl, machine, scope),
    callerOf: machineTokenCheck(signed),
    logins: {
      find: (tx, account, of) => loginsOf(tx.withTables<AccountTables & IdentityTables>(), account, of),
      end: async (tx, account, id, origin, reason = 'its computer was lost') => {
        const by = { actor: `account:${account}`, reason, origin }
        await endLogin(tx.withTables<AccountTables & IdentityTables>(), { account, id, ...by, now: now(), ended })
      },
      begin: (tx, made) => addLogin(tx.withTables<AccountTables & IdentityTables>(), { ...made, now: now() }),
      standing: logins => standingLogins(db, logins),
    },
    signRelease: release => signRelease(auth, baseUrl, release),
    sweep: () => sweep({ db, now, ended, mail: options.mail }),
    register: serve => {
      registerLogins(serve, deps)
      registerVerification(serve, deps)
      registerReset(serve, deps)
      registerPasswordChange(serve, deps)
      registerSecurity(serve, deps)
      const tokens = { ...deps, ownsMachine: options.ownsMachine }
      registerTokens(serve, tokens)
      registerTrusts(serve, tokens)
    },
    handler: async (request, requestId) => {
      const route = routes[`${request.method} ${new URL(request.url).pathname}`]
      if (!route) return null
      const from = fromOf(request, requestId)
      return asking.run(from, () => route(deps, request, { from }).catch(error => errorPage(request, error)))
    },
    authenticate: async request => {
      const [scheme, token] = (request.headers.get('authorization') ?? '').split(' ')
      if (scheme?.toLowerCase() === 'bearer' && token) {
        return verify(token, addressOf(request))
      }
      const session = await webSession(deps, request)
      if (!session) throw new SpoqError('not_signed_in')
      if (request.method !== 'GET') assertOwnOrigin(request, baseUrl)
      return { account: session.account, login: null, session: session.session, scopes, expiresAt: null, limited: null }
    },
    signUp: async user => {
      const { account, cookies } = await makeUser(auth, user)
      const cookie = cookies.find(line => line.includes('spoq_session='))
      if (!cookie) throw new Error('better-auth made a user without a session')
      return { account, cookie }
    },
  }
}

/** A person sees what went wrong as a page; programs get the problem of whoever mounted us. */
function errorPage(request: Request, error: unknown): Promise<Response> {
  if (!(error instanceof SpoqError) || !wantsPage(request)) throw error
  return messagePage({ title: error.message, text: error.next, status: error.status })
}
