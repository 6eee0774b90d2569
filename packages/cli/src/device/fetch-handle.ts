import { SpoqError } from '@spoq/contracts/problem'
import { type Fetch, HandleRefused, type HandleUrls, handleUrls, keysOfHandle } from '@spoq/kit/key-handle'
import type { Context } from '../context.ts'
import type { Found } from './found.ts'

/**
 * The keys that are published under a handle. This computer asks, not the backend: who names an address to a server has it
 * ask there.
 * @throws SpoqError `handle_failed`.
 */
export async function keysOf(context: Context, at: keyof HandleUrls, handle: string): Promise<Found> {
  const { sshid = handleUrls.sshid, github = handleUrls.github } = context.handles ?? {}
  const urls = { sshid, github }
  const where = `${at}:${handle}`
  try {
    const fetch = await fetchFor(context.handles?.[at] !== undefined)
    const { keys, refused } = await keysOfHandle(fetch, { at, handle, urls })
    const named = keys.map((key, index) => ({ key, name: keys.length > 1 ? `${handle}-${index + 1}` : handle }))
    return { keys: named, where, source: where, refused, isHere: false, isExact: false }
  } catch (error) {
    if (!(error instanceof HandleRefused)) throw error
    throw new SpoqError('handle_failed', {
      cause: error,
      message: `${new URL(urls[at]).host} answered for ${handle}: this is ${error.message}.`,
    })
  }
}

const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

/** Directly to the public internet alone; or as the person has set it, by a proxy or to an address of theirs. */
async function fetchFor(isSet: boolean): Promise<Fetch> {
  if (!isSet && !proxies.some(name => process.env[name])) {
    const { publicFetch } = await import('@spoq/kit/public-fetch')
    return publicFetch() as unknown as Fetch
  }
  return (await import('./proxied-fetch.ts')).proxiedFetch()
}
