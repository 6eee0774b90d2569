// A new password for whoever knows the present one.

import { SpoqError } from '@spoq/contracts/problem'
import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import { writeMail } from '../../mail/template.ts'
import { assertTries, limits, returnAttempt } from '../attempt.ts'
import { endEverything, type Kept } from '../end-everything.ts'
import { hashPassword, verifyPassword } from '../password.ts'
import { noteSecurity } from '../security/note.ts'
import type { IdentityDb } from '../tables.ts'
import type { WebDeps } from '../web-session.ts'

interface Asked {
  current: string
  password: string
  /** Whether all other logins and web sessions end. */
  endOthers: boolean
}

/**
 * Changes the password of an account; where it was asked for stays signed in.
 * @throws SpoqError `wrong_password`, also when another change was faster or there is none yet; `rate_limited`.
 */
export async function changePassword(
  deps: WebDeps,
  { account, ...here }: Kept & { account: string },
  { current, password, endOthers }: Asked,
  origin: From,
): Promise<void> {
  const { db, mail, now, ended } = deps
  const { email, hash } = await passwordOf(db, account)
  const keys = [`address:${origin.address}`, `account:${email}`]
  await assertTries(db, limits.signIn, keys, now())
  if (hash === null || !(await verifyPassword({ password: current, hash }))) {
    await noteSecurity(deps, { account, action: 'password.change-failed', origin })
    throw wrong(hash)
  }
  await returnAttempt(db, limits.signIn, keys)
  const fresh = await hashPassword(password)
  const letter = await changed(email, endOthers)
  await db.transaction().execute(async tx => {
    const { numUpdatedRows } = await tx
      .updateTable('auth_account')
      .set({ password: fresh, updatedAt: new Date(now()) })
      .where('userId', '=', account)
      .where('password', '=', hash)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) throw wrong(hash)
    const by = { account, actor: `account:${account}`, origin }
    const ending = { ...by, reason: 'the password was changed', now: now(), ended }
    if (endOthers) await endEverything(tx, ending, here)
    await record(tx, { ...by, action: 'password.change', resource: account }, now())
    await mail.put(tx as never, letter)
  })
  mail.wake()
}

async function passwordOf(db: IdentityDb, account: string): Promise<{ email: string; hash: string | null }> {
  const row = await db
    .selectFrom('auth_user')
    .leftJoin('auth_account', join =>
      join.onRef('auth_account.userId', '=', 'auth_user.id').on('auth_account.providerId', '=', 'credential'),
    )
    .select(['auth_user.email', 'auth_account.password'])
    .where('auth_user.id', '=', account)
    .executeTakeFirst()
  if (!row) throw new SpoqError('account_not_found')
  return { email: row.email, hash: row.password }
}

const wrong = (hash: string | null) =>
  hash === null
    ? new SpoqError('wrong_password', {
        message: 'This account has no password yet.',
        next: 'Set one by “Forgot your password?” on the sign-in page.',
      })
    : new SpoqError('wrong_password', { message: 'The present password is wrong.', next: 'Check it and try again.' })

const changed = (to: string, endOthers: boolean) =>
  writeMail({
    to,
    subject: 'Your Spoq password was changed',
    text: `The password was changed by somebody who knew the one before.${endOthers ? ' Everything else that was signed in has been signed out.' : ''}`,
    otherwise: 'It was not you? Then set a new one at once: “Forgot your password?” on the sign-in page.',
  })
