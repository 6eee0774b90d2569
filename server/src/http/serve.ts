// How a route gets its handler: `serve.account(route, handler)` for those who are signed in, `serve.anyone` for all.

import type { Caller as CallerKind, Route } from '@spoq/contracts/http'
import { SpoqError } from '@spoq/contracts/problem'
import type { Scope } from '@spoq/contracts/token'
import { type Handler, routesOf } from '@spoq/kit/serve-route'
import type { Context, Hono } from 'hono'
import { type From, fromOf } from './from.ts'
import { assertScope } from './scope.ts'

/** Who calls a route that asks for nobody. */
export interface Anyone {
  /** Stands in every log line and audit record that comes of the request. */
  requestId: string
  from: From
  /** Adds a Set-Cookie to the answer. */
  setCookie(cookie: string): void
}

/** Whose request it is, and what it may do. */
export interface Identified {
  account: string
  /** The login the token belongs to; null for a browser and for a token of another kind. */
  login: string | null
  /** The browser's web session, where that is what it came with. */
  session?: string
  scopes: readonly Scope[]
  /** When what it came with ends, in ms since 1970; null where that moves on with each use. */
  expiresAt: number | null
  /** What it came with where that is not a login: a token, or a trusted job. */
  limited: { kind: 'token' | 'trust'; id: string; name: string; machine: string | null } | null
}

/** Who calls a route that asks for an account. */
export interface SignedIn extends Anyone, Identified {
  /** The id of the login, the token or the trust; null for a browser. */
  credential: string | null
}

/**
 * Says whose request it is, by its token or cookie.
 * @throws SpoqError `not_signed_in`, `token_expired`, `token_invalid`, `login_revoked`.
 */
export type Authenticate = (request: Request) => Promise<Identified>

/**
 * Counts a request of an address or an account.
 * @throws SpoqError `rate_limited`.
 */
export type CountRequest = (kind: 'address' | 'account' | 'token', who: string) => void

export interface Serve {
  /** For an account that runs this server. */
  admin<R extends Route>(route: R, handler: Handler<R, SignedIn>): void
  account<R extends Route>(route: R, handler: Handler<R, SignedIn>): void
  anyone<R extends Route>(route: R, handler: Handler<R, Anyone>): void
}

/** What goes along with a request through the app. */
export interface RequestState {
  Variables: { requestId: string; cookies: string[] }
}

/** Binds handlers to an app. Each route says itself who may call it; a handler for the wrong one is our mistake. */
export function serveOn(
  app: Hono<RequestState>,
  authenticate: Authenticate,
  count: CountRequest,
  isAdmin: (account: string) => Promise<boolean>,
): Serve {
  const plain = app as unknown as Hono
  const anyoneOf = (context: Context): Anyone => ({
    requestId: context.get('requestId'),
    from: fromOf(context.req.raw, context.get('requestId')),
    setCookie: cookie => context.get('cookies').push(cookie),
  })
  const signedIn = async (route: Route, context: Context) => {
    const caller = anyoneOf(context)
    const identified = await authenticate(context.req.raw).catch(error => {
      count('address', caller.from.address)
      throw error
    })
    count('account', identified.account)
    assertScope(route, identified, context.req.param('machine'))
    const credential = identified.login ?? identified.limited?.id ?? null
    return { ...caller, ...identified, credential, from: { ...caller.from, credential } }
  }
  const account = routesOf<SignedIn>(plain, (route, context) => signedIn(route as Route, context))
  const admin = routesOf<SignedIn>(plain, async (route, context) => {
    const caller = await signedIn(route as Route, context)
    if (!(await isAdmin(caller.account))) throw new SpoqError('not_admin')
    return caller
  })
  const anyone = routesOf<Anyone>(plain, async (route, context) => {
    const caller = anyoneOf(context)
    // Whoever watches over the backend asks often, and it costs next to nothing.
    if (!watched.has(route.path)) count('address', caller.from.address)
    return caller
  })
  return {
    admin(route, handler) {
      expectCaller(route, 'admin')
      admin(route, handler)
    },
    account(route, handler) {
      expectCaller(route, 'account')
      account(route, handler)
    },
    anyone(route, handler) {
      expectCaller(route, 'anyone')
      anyone(route, handler)
    },
  }
}

const watched = new Set(['/health', '/readyz'])

function expectCaller(route: Route, kind: CallerKind): void {
  if (route.caller !== kind) throw new TypeError(`${route.path} is for ${route.caller}, not for ${kind}`)
}
