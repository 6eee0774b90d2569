// The key that signs tokens, kept open for a while: reading, unsealing and importing it takes longer than signing.

import { type JwtOptions, type ResolvedSigningKey, resolveSigningKey } from 'better-auth/plugins'
import type { Auth } from './auth.ts'

/** Another backend may have made a newer key: that is signed with after so long. */
const freshMs = 60_000

/** Of each better-auth, by the options that it has for its tokens. */
const kept = new WeakMap<JwtOptions, { at: number; key: Promise<ResolvedSigningKey | null> }>()

/** What better-auth's `signJWT` takes as `options` and `resolvedKey`. */
export async function signingKey(context: Pick<Awaited<Auth['$context']>, 'getPlugin'>) {
  const options = context.getPlugin('jwt')?.options as JwtOptions
  const last = kept.get(options)
  if (last && performance.now() - last.at < freshMs) return { options, resolvedKey: (await last.key) ?? undefined }
  const key = resolveSigningKey({ context } as never, options)
  kept.set(options, { at: performance.now(), key })
  // A fault is not kept.
  key.catch(() => kept.delete(options))
  return { options, resolvedKey: (await key) ?? undefined }
}
