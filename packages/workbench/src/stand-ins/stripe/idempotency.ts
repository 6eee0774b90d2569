// What Idempotency-Keys promise: the same answer for the same request, whatever it was; an error for another one.

import { createHash } from 'node:crypto'
import { StripeRefusal } from './refusal.ts'

export interface Kept {
  status: number
  text: string
}

interface Entry {
  hash: string
  /** Null while it is in flight. */
  kept: Kept | null
  at: number
}

const day = 86_400

export function idempotency(now: () => number) {
  const entries = new Map<string, Entry>()

  return {
    entries,
    /** The answer that is to be given again; null when the request is the first of its key. */
    begin(key: string, request: string): Kept | null {
      for (const [old, entry] of entries) if (now() - entry.at > day) entries.delete(old)
      const hash = createHash('sha256').update(request).digest('hex')
      const entry = entries.get(key)
      if (!entry) {
        entries.set(key, { hash, kept: null, at: now() })
        return null
      }
      if (entry.hash !== hash)
        throw new StripeRefusal(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
        })
      if (!entry.kept)
        throw new StripeRefusal(409, {
          type: 'idempotency_error',
          code: 'idempotency_key_in_use',
          message: `There is currently another in-progress request using this Idempotent Key: ${key}. Please try again later.`,
        })
      return entry.kept
    },
    keep(key: string, kept: Kept): void {
      const entry = entries.get(key)
      if (entry) entry.kept = kept
    },
    /** Nothing was begun: the key may be used again with other parameters. */
    forget: (key: string): void => void entries.delete(key),
  }
}
