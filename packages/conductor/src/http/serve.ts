import { SpoqError } from '@spoq/contracts/problem'
import type { routesOf } from '@spoq/kit/serve-route'

/** Who calls, as the log of a session shows it: `account:ID`, or `local`. */
export interface Caller {
  by: string
  /** What it may do here; a handler looks where that depends on what is asked. */
  scopes: readonly string[]
}

/** The same, but refuses everything while the Conductor takes nothing on: that is what it says then. */
export function unless(serve: Serve, leaving: () => boolean, message: string): Serve {
  return (route, handler) =>
    serve(route, (input, caller) => {
      if (leaving()) throw new SpoqError('unavailable', { message, retryAfter: 1 })
      return handler(input, caller)
    })
}

/** Binds a route of the contracts; each noun's `route.ts` gets one. */
export type Serve = ReturnType<typeof routesOf<Caller>>
