// What signing in with another service needs of it: an address to send the browser to, and who came back with a code.

import { SpoqError } from '@spoq/contracts/problem'
import type * as z from 'zod/mini'

export interface AppOptions {
  clientId: string
  clientSecret: string
  /** Where the service is. */
  url: string
  /** Where it sends browsers back to. Default: our own path for it. */
  redirectUri?: string | undefined
}

/** The services that one can sign in with here; those without options are not offered. */
export interface SocialOptions {
  github?: AppOptions | undefined
  google?: AppOptions | undefined
}

export type SocialId = keyof SocialOptions

export const githubUrl = 'https://github.com'
export const googleUrl = 'https://accounts.google.com'

/** As people call them. */
export const socialName: Record<SocialId, string> = { github: 'GitHub', google: 'Google' }

export const isSocialId = (id: string): id is SocialId => Object.hasOwn(socialName, id)

/** Who somebody is there. */
export interface SocialPerson {
  /** Never given to anybody else there. */
  id: string
  name: string
  /** In lower case; null where the service tells none. */
  email: string | null
  /** Whether the service knows that the address is theirs. */
  emailVerified: boolean
  /** The number that the answer is bound to the request by, where the service has that. */
  nonce?: string | undefined
}

export interface SocialProvider {
  id: SocialId
  redirectUri: string
  /** Whether its answer carries the `nonce` of the request. */
  nonce: boolean
  /**
   * The service's page that asks the person.
   * @throws SpoqError `unavailable` when it has to be asked for that, and does not answer.
   */
  authorizeUrl(asked: { state: string; codeVerifier: string; nonce?: string | undefined }): Promise<URL>
  /**
   * Whose code it is. No token of the service is kept.
   * @throws SpoqError `sign_in_refused` when the code is none, or what the service says cannot be trusted; `unavailable`.
   */
  personOf(given: { code: string; codeVerifier: string }): Promise<SocialPerson>
}

const timeoutMs = 10_000

/**
 * Asks a service for JSON.
 * @throws SpoqError `unavailable` when it does not answer, or with what it does not document.
 */
export async function ask<T>(id: SocialId, url: string, shape: z.ZodMiniType<T>, init: RequestInit = {}): Promise<T> {
  const headers = { accept: 'application/json', 'user-agent': 'spoq', ...init.headers }
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, { ...init, headers, signal, redirect: 'error' })
    // A 4xx tells in its body what is wrong, and is looked at by who asked.
    if (response.status >= 500) throw new Error(`it answered ${response.status}`)
    return shape.parse(await response.json())
  } catch (cause) {
    throw away(id, cause)
  }
}

export const away = (id: SocialId, cause: unknown) =>
  new SpoqError('unavailable', {
    cause,
    message: `${socialName[id]} does not answer as it should.`,
    next: 'Try again in a while, or sign in with your password.',
    retryAfter: 30,
  })

export const refused = (id: SocialId, cause: unknown) =>
  new SpoqError('sign_in_refused', {
    cause,
    message: `${socialName[id]} did not confirm this sign-in: it may have expired or been used already.`,
    next: 'Start it again.',
  })

/** The form that trades a code for what it stands for (RFC 6749, section 4.1.3; RFC 7636, section 4.5). */
export const codeForm = (
  { clientId, clientSecret }: AppOptions,
  redirectUri: string,
  { code, codeVerifier }: { code: string; codeVerifier: string },
): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    client_secret: clientSecret,
    code,
    code_verifier: codeVerifier,
    redirect_uri: redirectUri,
  }),
})
