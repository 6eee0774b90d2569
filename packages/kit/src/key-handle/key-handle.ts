// The keys that somebody publishes under a handle. Whoever answers may be hostile or broken: what it answers is bounded in
// time, size and form, and is read as keys and nothing else. A handle proves nothing, and what it answers changes.

import { type KeysRead, readKeys } from '../ssh-key/index.ts'
import { assertText, readAtMost } from './answer.ts'
import { HandleRefused } from './refused.ts'

export { HandleRefused } from './refused.ts'

/** Asks once, following nothing. */
export type Fetch = (url: URL, init: { signal: AbortSignal; redirect: 'manual'; headers: object }) => Promise<Response>

/** Where they are; without https only where whoever asks has set it so. */
export interface HandleUrls {
  /** `https://sshid.io`: its answer to `/HANDLE` is a key a line. */
  sshid: string
  /** `https://github.com`: its answer to `/USER.keys` is so. */
  github: string
}

export const handleUrls: HandleUrls = { sshid: 'https://sshid.io', github: 'https://github.com' }

export const isHandle = (handle: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(handle)

export const limits = { bytes: 65_536, ms: 5_000, redirects: 2 } as const

/**
 * The keys of a handle, and which lines are none.
 * @throws HandleRefused which says why: nobody is called so, no key is there, or the answer is none of keys.
 */
export async function keysOfHandle(
  fetch: Fetch,
  {
    at,
    handle,
    urls = handleUrls,
    ms = limits.ms,
  }: { at: keyof HandleUrls; handle: string; urls?: HandleUrls; ms?: number },
): Promise<KeysRead> {
  if (!isHandle(handle)) throw new HandleRefused('no handle: it has letters, digits, - and _')
  const url = new URL(`${urls[at].replace(/\/+$/, '')}/${handle}${at === 'github' ? '.keys' : ''}`)
  const signal = AbortSignal.timeout(ms)
  try {
    const response = await answerOf(fetch, url, signal)
    const read = readKeys(await readAtMost(response, limits.bytes))
    if (read.keys.length === 0 && read.refused.length === 0) throw new HandleRefused('a handle without a key')
    return read
  } catch (error) {
    if (error instanceof HandleRefused) throw error
    if (signal.aborted) throw new HandleRefused(`an answer that is not whole after ${ms / 1_000} s`)
    throw new HandleRefused(isInside(error) ? 'an address that is not of the public internet' : 'no answer', {
      cause: error,
    })
  }
}

async function answerOf(fetch: Fetch, first: URL, signal: AbortSignal): Promise<Response> {
  let url = first
  for (let hops = 0; ; hops++) {
    const response = await fetch(url, { signal, redirect: 'manual', headers: { 'accept-encoding': 'identity' } })
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    if (next === null) {
      assertText(response)
      return response
    }
    await response.body?.cancel()
    if (hops >= limits.redirects) throw new HandleRefused('an answer that leads on and on')
    url = sameHost(next, url)
  }
}

function sameHost(next: string, from: URL): URL {
  const url = URL.canParse(next, from.href) ? new URL(next, from.href) : null
  if (url?.protocol !== from.protocol) throw new HandleRefused('an answer that leads away from https')
  if (url.host !== from.host) throw new HandleRefused('an answer that leads to another host')
  return url
}

const isInside = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NotPublic' || isInside(error.cause))
