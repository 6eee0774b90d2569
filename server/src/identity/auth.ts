// better-auth, set up as Spoq's authorization server. Everything here is configuration; what it cannot do stands beside it.

import { createHash } from 'node:crypto'
import { oauthDeviceAuthorization, oauthProvider } from '@better-auth/oauth-provider'
import { oauth } from '@spoq/contracts/login'
import { type BetterAuthOptions, betterAuth } from 'better-auth'
import { jwt } from 'better-auth/plugins'
import type { Kysely } from 'kysely'
import type { AccountUser } from '../account/store.ts'
import { requestDefaults } from './defaults.ts'
import { type ExchangeDeps, tokenExchange } from './exchange.ts'
import { hashPassword, verifyPassword } from './password.ts'
import type { Social } from './social/plugin.ts'
import type { SocialId } from './social/provider.ts'
import { type SecondStepDeps, secondStep } from './totp/plugin.ts'
import { newUserCode } from './user-code.ts'

/** Where better-auth's own routes stand; clients learn them from the metadata. */
export const basePath = '/identity'

export const paths = {
  signIn: '/auth/sign-in',
  signUp: '/auth/sign-up',
  signOut: '/auth/sign-out',
  consent: '/auth/consent',
  verify: '/auth/verify',
  /** Approves or denies what waits at `verify`. */
  decide: '/auth/authorize',
  error: '/auth/error',
  verifyEmail: '/account/verify',
  secondStep: '/auth/second-step',
  totp: '/account/totp',
  security: '/account/security',
  password: '/account/password',
  forgot: '/auth/forgot',
  reset: '/auth/reset',
  /** Of other services, each with its name added. */
  social: '/auth',
  authorize: `${basePath}/oauth2/authorize`,
  token: `${basePath}/oauth2/token`,
  revoke: `${basePath}/oauth2/revoke`,
  register: `${basePath}/oauth2/register`,
  deviceCode: `${basePath}/device/code`,
  jwks: `${basePath}/jwks`,
} as const

export const grantTypes = [oauth.deviceGrant, oauth.exchangeGrant, 'refresh_token']
const day = 86_400

export interface AuthDeps extends ExchangeDeps, SecondStepDeps {
  db: Kysely<never>
  secret: string
  refreshTokenDays: number
  /** Seconds until a device code expires. */
  deviceCodeSeconds: number
  /** Told of what better-auth calls errors. */
  log?: (message: string) => void
  social: Social
  /** Called after a session began by another service. */
  onSocialSignIn(account: string, service: SocialId): Promise<void>
  /** Called after an account got a way in. */
  onWayIn(way: { userId: string }): Promise<void>
  /** Called after a user was made or changed. */
  onUser(user: AccountUser): Promise<void>
  /**
   * The login that a token is being issued to, for the token's `login` claim.
   * @throws APIError `invalid_grant` when that login was ended.
   */
  loginFor(issued: { account: string; client: string; clientName: string; refresh: boolean }): Promise<string>
}

/** The options object: migrations are made from it, before `betterAuth()` adds its own. */
export function authOptions(deps: AuthDeps) {
  return {
    appName: 'Spoq',
    baseURL: deps.baseUrl,
    basePath,
    secret: deps.secret,
    database: { db: deps.db, type: 'postgres' },
    telemetry: { enabled: false },
    logger: deps.log ? { level: 'error', log: (_, message) => deps.log?.(message) } : { disabled: true },
    // Counted in the database instead (`attempt.ts`): a 429 would make stock clients give up polling.
    rateLimit: { enabled: false },
    onAPIError: { errorURL: `${deps.baseUrl}${paths.error}` },
    user: { modelName: 'auth_user' },
    account: {
      modelName: 'auth_account',
      // By itself a service is connected only where both it and we know the e-mail address for the account's.
      accountLinking: { requireLocalEmailVerified: true, trustedProviders: [], allowDifferentEmails: true },
    },
    verification: { modelName: 'auth_verification', storeIdentifier: 'plain' },
    session: { modelName: 'auth_session', expiresIn: 7 * day, updateAge: day },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    advanced: {
      ipAddress: { ipAddressHeaders: ['x-spoq-peer'] },
      ...cookies(deps.baseUrl),
    },
    databaseHooks: {
      user: { create: { after: user => deps.onUser(user) }, update: { after: user => deps.onUser(user) } },
      account: { create: { after: way => deps.onWayIn(way) } },
    },
    hooks: { before: requestDefaults(deps.baseUrl) },
    plugins: [
      jwt({
        jwks: { keyPairConfig: { alg: 'EdDSA', crv: 'Ed25519' } },
        jwt: { issuer: deps.baseUrl, audience: deps.baseUrl },
        disableSettingJwtHeader: true,
        schema: { jwks: { modelName: 'auth_jwks' } },
      }),
      provider(deps),
      secondStep(deps),
      // After the second step, which takes a session that began here away again.
      deps.social.plugin(deps.onSocialSignIn),
      oauthDeviceAuthorization({
        expiresIn: `${deps.deviceCodeSeconds}s`,
        interval: '5s',
        generateUserCode: () => newUserCode(),
        verificationUri: `${deps.baseUrl}${paths.verify}`,
        schema: { deviceCode: { modelName: 'auth_device_code' } },
      }),
    ],
  } satisfies BetterAuthOptions
}

export type Auth = ReturnType<typeof makeAuth>

/** A running better-auth; its tables must be there. */
export const makeAuth = (deps: AuthDeps) => betterAuth(authOptions(deps))

/** How refresh tokens are kept; ours, so that we find a token's row as well. */
export const hashToken = (token: string) => createHash('sha256').update(token).digest('base64url')

function provider(deps: AuthDeps) {
  return oauthProvider({
    // `openid` would add a second audience to every token.
    scopes: [...oauth.scopes],
    grantTypes: ['authorization_code', 'refresh_token'],
    resources: [deps.baseUrl],
    enforcePerClientResources: false,
    accessTokenExpiresIn: deps.accessTokenSeconds,
    refreshTokenExpiresIn: deps.refreshTokenDays * day,
    // The same answer again for a refresh that was sent twice; later it counts as theft.
    refreshTokenReuseInterval: 30,
    storeTokens: { hash: async token => hashToken(token) },
    // Ours, and the same as long as this runs.
    cachedTrustedClients: new Set([oauth.stockClient]),
    allowDynamicClientRegistration: true,
    allowUnauthenticatedClientRegistration: true,
    loginPage: paths.signIn,
    signup: { page: paths.signUp },
    consentPage: paths.consent,
    silenceWarnings: { oauthAuthServerConfig: true },
    extensions: [
      {
        grants: { [oauth.exchangeGrant]: tokenExchange(deps) },
        claims: {
          accessToken: async ({ user, client, grantType }) =>
            user
              ? {
                  login: await deps.loginFor({
                    account: user.id,
                    client: client.clientId,
                    clientName: client.name ?? client.clientId,
                    refresh: grantType === 'refresh_token',
                  }),
                }
              : {},
        },
      },
    ],
    schema: {
      oauthClient: { modelName: 'auth_oauth_client' },
      oauthResource: { modelName: 'auth_oauth_resource' },
      oauthClientResource: { modelName: 'auth_oauth_client_resource' },
      oauthRefreshToken: { modelName: 'auth_oauth_refresh_token' },
      oauthAccessToken: { modelName: 'auth_oauth_access_token' },
      oauthConsent: { modelName: 'auth_oauth_consent' },
      oauthClientAssertion: { modelName: 'auth_oauth_client_assertion' },
    },
  })
}

/** `__Host-` ties a cookie to this very host, and works on https alone. */
function cookies(baseUrl: string) {
  const secure = baseUrl.startsWith('https:')
  const prefix = secure ? '__Host-' : ''
  const cookie = (name: string) => ({
    name: `${prefix}spoq_${name}`,
    attributes: { secure, httpOnly: true, sameSite: 'lax' as const, path: '/' },
  })
  return {
    useSecureCookies: false,
    cookies: {
      session_token: cookie('session'),
      dont_remember: cookie('brief'),
      two_factor: cookie('step'),
      state: cookie('state'),
    },
  }
}
