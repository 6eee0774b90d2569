// Counted tries, in the database, so that every backend counts with the others and a restart forgives nothing.

import { createHash } from 'node:crypto'
import { SpoqError } from '@spoq/contracts/problem'
import { sql } from 'kysely'
import type { IdentityDb } from './tables.ts'

/** How often something may be tried in a window of time, for each address and each account. */
export interface Limit {
  name: string
  most: number
  seconds: number
}

export const limits = {
  signIn: { name: 'sign-in', most: 10, seconds: 60 },
  signUp: { name: 'sign-up', most: 10, seconds: 60 },
  /** Guesses of a device code that were wrong; the window is a code's life. */
  userCode: { name: 'user-code', most: 5, seconds: 600 },
  secondStep: { name: 'second-step', most: 60, seconds: 60 },
  /** A code of the authenticator app works once; it is good for a minute and a half at most. */
  totpCode: { name: 'totp-code', most: 1, seconds: 120 },
  /** Sign-ins that are begun with another service, by an address. */
  social: { name: 'social', most: 60, seconds: 600 },
  /** Those who come to a gateway without a key, by a network. */
  sshQuestion: { name: 'ssh-question', most: 30, seconds: 600 },
  deviceCode: { name: 'device-code', most: 60, seconds: 600 },
  register: { name: 'register', most: 60, seconds: 3_600 },
  /** Mails to one person, and those that one address causes. */
  mail: { name: 'mail', most: 5, seconds: 3_600 },
  mailFrom: { name: 'mail-from', most: 60, seconds: 3_600 },
} as const satisfies Record<string, Limit>

/**
 * Counts one try against every key at once, before it is made: parallel tries cannot slip through between look and count.
 * Answers 0, or the seconds to wait when one of the keys had its tries.
 */
export async function takeAttempt(db: IdentityDb, limit: Limit, keys: string[], now: number): Promise<number> {
  let wait = 0
  for (const key of keys) {
    const { count, until } = await countOne(db, hashOf(limit, key), limit, now)
    if (count > limit.most) wait = Math.max(wait, Math.ceil((until.getTime() - now) / 1_000))
  }
  return wait
}

/** @throws SpoqError `rate_limited` instead of answering how long to wait. */
export async function assertTries(db: IdentityDb, limit: Limit, keys: string[], now: number): Promise<void> {
  const wait = await takeAttempt(db, limit, keys, now)
  if (wait > 0) throw new SpoqError('rate_limited', { retryAfter: wait, next: `Wait ${wait} s, then try again.` })
}

/** Gives a try back that turned out right: only wrong ones count. */
export async function returnAttempt(db: IdentityDb, limit: Limit, keys: string[]): Promise<void> {
  const hashes = keys.map(key => hashOf(limit, key))
  await db.updateTable('attempt').set({ count: sql`greatest(count - 1, 0)` }).where('key', 'in', hashes).execute()
}

function countOne(db: IdentityDb, key: string, limit: Limit, now: number) {
  const at = new Date(now)
  const until = new Date(now + limit.seconds * 1_000)
  return db
    .insertInto('attempt')
    .values({ key, count: 1, until })
    .onConflict(conflict =>
      conflict.column('key').doUpdateSet({
        count: sql`case when attempt.until <= ${at} then 1 else attempt.count + 1 end`,
        until: sql`case when attempt.until <= ${at} then ${until} else attempt.until end`,
      }),
    )
    .returning(['count', 'until'])
    .executeTakeFirstOrThrow()
}

/** Addresses and e-mail are nobody's business in a table of counters. */
function hashOf(limit: Limit, key: string): string {
  return createHash('sha256').update(`${limit.name}\0${key}`).digest('base64url')
}
