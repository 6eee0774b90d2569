import type { routesOf } from '@spoq/kit/serve-route'

/** Who calls, as the log of a session shows it: `account:ID`, or `local`. */
export interface Caller {
  by: string
  /** What it may do here; a handler looks where that depends on what is asked. */
  scopes: readonly string[]
}

/** Binds a route of the contracts; each noun's `route.ts` gets one. */
export type Serve = ReturnType<typeof routesOf<Caller>>
