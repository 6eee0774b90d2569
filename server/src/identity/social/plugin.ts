// better-auth's sign-in with other services, with services of ours in it: state, PKCE, nonce and the rule of linking are
// its, what is asked of a service and how is ours. It swallows why a service failed, so that is carried past it.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { OAuthProvider } from '@better-auth/core/oauth2'
import { SpoqError } from '@spoq/contracts/problem'
import type { BetterAuthPlugin } from 'better-auth'
import { createAuthMiddleware } from 'better-auth/api'
import { githubProvider } from './github.ts'
import { googleProvider } from './google.ts'
import {
  refused,
  type SocialId,
  type SocialOptions,
  type SocialPerson,
  type SocialProvider,
  socialName,
} from './provider.ts'

export interface Social {
  providers: SocialProvider[]
  /** Called with whose session began by which service; not while a second step is to follow. */
  plugin(signedIn: (account: string, provider: SocialId) => Promise<void>): BetterAuthPlugin
  /** Does it, and says why a service failed on the way. */
  watch<T>(work: () => Promise<T>): Promise<{ result: T; failure: SpoqError | undefined }>
}

/** The services that are set up, for a backend at `baseUrl`. */
export function openSocial({ github, google }: SocialOptions, baseUrl: string): Social {
  const watched = new AsyncLocalStorage<{ failure?: SpoqError }>()
  const fail = (error: unknown) => {
    const holder = watched.getStore()
    if (holder && error instanceof SpoqError) holder.failure = error
    return null
  }
  const backTo = (id: SocialId, options: { redirectUri?: string | undefined }) =>
    options.redirectUri ?? `${baseUrl}/auth/${id}/callback`
  const providers = [
    ...(github ? [githubProvider(github, backTo('github', github))] : []),
    ...(google ? [googleProvider(google, backTo('google', google))] : []),
  ]
  return {
    providers,
    plugin: signedIn => ({
      id: 'spoq-social',
      init: () => ({ context: { socialProviders: providers.map(one => adapt(one, fail)) } }),
      hooks: {
        after: [
          {
            matcher: ({ path }) => path === '/callback/:id',
            handler: createAuthMiddleware(async ctx => {
              const begun = ctx.context.newSession
              if (begun) await signedIn(begun.user.id, ctx.params?.id as SocialId)
            }),
          },
        ],
      },
    }),
    watch: async work => {
      const holder: { failure?: SpoqError } = {}
      const result = await watched.run(holder, work)
      return { result, failure: holder.failure }
    },
  }
}

/** A service as better-auth knows one. It gets the person as if that were the tokens: so it has none to keep. */
function adapt(provider: SocialProvider, fail: (error: unknown) => null): OAuthProvider<SocialPerson> {
  const { id } = provider
  return {
    id,
    name: socialName[id],
    requiresIdTokenNonce: provider.nonce,
    accountSubject: ({ profile }) => profile.id,
    createAuthorizationURL: ({ state, codeVerifier, idTokenNonce }) =>
      provider.authorizeUrl({ state, codeVerifier, nonce: idTokenNonce }),
    validateAuthorizationCode: async ({ code, codeVerifier = '' }) => {
      try {
        return { raw: { ...(await provider.personOf({ code, codeVerifier })) } }
      } catch (error) {
        return fail(error)
      }
    },
    getUserInfo: async ({ raw, expectedIdTokenNonce }) => {
      const person = raw as unknown as SocialPerson
      if (provider.nonce && (!expectedIdTokenNonce || person.nonce !== expectedIdTokenNonce))
        return fail(refused(id, new Error('the answer is that to another request')))
      const { name, email, emailVerified } = person
      return { user: { name: name || email || id, email, emailVerified }, data: person }
    },
    options: {},
  }
}
