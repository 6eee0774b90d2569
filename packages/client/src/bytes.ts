// Routes that answer bytes.

import type { Route } from '@spoq/contracts/http'
import { isNetworkFault, unreachable } from './answer.ts'
import { open, type Sent } from './call.ts'
import type { Target } from './target.ts'

/**
 * What a route answers, as it comes.
 * @throws SpoqError what the other side answered; the target's `unreachable` also when it breaks off in the middle.
 */
export async function* download<R extends Route>(
  target: Target,
  route: R,
  sent: Sent<R> = {},
): AsyncGenerator<Uint8Array> {
  const { body } = await open(target, route, sent, {})
  try {
    for await (const piece of body) yield piece as Uint8Array
  } catch (cause) {
    throw isNetworkFault(cause) ? unreachable(target, cause) : cause
  }
}
