// The key that signs tokens, kept open for a while: reading, unsealing and importing it takes longer than signing.

import { type JwtOptions, type ResolvedSigningKey, resolveSigningKey } from 'better-auth/plugins'
import type { Auth } from './auth.ts'

/** Another backend may have made a newer key: that is signed with after so long. */
const freshMs = 60_000

type Context = Pick<Awaited<Auth['$context']>, 'getPlugin'>

/** What better-auth's `signJWT` takes as `options` and `resolvedKey`. */
export type SigningKey = (context: Context) => Promise<{ options: JwtOptions; resolvedKey: ResolvedSigningKey }>

type Resolve = typeof resolveSigningKey

/** Keeps the key of one better-auth. `resolve` reads it there. */
export function openSigningKey(now: () => number, resolve: Resolve = resolveSigningKey): SigningKey {
  let kept: { at: number; key: ReturnType<Resolve> } | null = null
  return async context => {
    const options = context.getPlugin('jwt')?.options as JwtOptions
    // A clock that was set back does not keep it for longer.
    if (!kept || Math.abs(now() - kept.at) >= freshMs) kept = read(context, options)
    const resolvedKey = (await kept.key) ?? undefined
    return { options, resolvedKey } as Awaited<ReturnType<SigningKey>>
  }

  function read(context: Context, options: JwtOptions) {
    const reading = { at: now(), key: resolve({ context } as never, options) }
    // A fault is not kept.
    reading.key.catch(() => {
      if (kept === reading) kept = null
    })
    return reading
  }
}
