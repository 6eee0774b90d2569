import type { Fetch } from '@spoq/kit/key-handle'
import { EnvHttpProxyAgent, fetch } from 'undici'

/** A fetch that goes the way that HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. */
export function proxiedFetch(): Fetch {
  const dispatcher = new EnvHttpProxyAgent()
  return ((url, init) => fetch(url, { ...(init as object), dispatcher })) as Fetch
}
