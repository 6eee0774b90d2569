import { SpoqError } from '@spoq/contracts/problem'
import type { routesOf } from '@spoq/kit/serve-route'

/** Who calls, as the log of a session shows it: `account:ID`, or `local`. */
export interface Caller {
  by: string
  /** What it may do here; a handler looks where that depends on what is asked. */
  scopes: readonly string[]
}

/** The same, but refuses everything once the Conductor is about to start anew. */
export function unless(serve: Serve, leaving: () => boolean): Serve {
  return (route, handler) =>
    serve(route, (input, caller) => {
      if (leaving()) throw new SpoqError('unavailable', { message: 'The machine starts anew.', retryAfter: 1 })
      return handler(input, caller)
    })
}

/** Binds a route of the contracts; each noun's `route.ts` gets one. */
export type Serve = ReturnType<typeof routesOf<Caller>>
