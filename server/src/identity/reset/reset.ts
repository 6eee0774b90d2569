// A forgotten password: a link by mail, once, for an hour. Using it ends every login and web session of the account, since
// whoever else knew the password may be in one of them.

import { randomBytes } from 'node:crypto'
import { password as passwordShape } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import { writeMail } from '../../mail/template.ts'
import { assertTries, limits } from '../attempt.ts'
import { paths } from '../auth.ts'
import { endEverything } from '../end-everything.ts'
import { codeExpired, findLink, putOneTime, useUp } from '../one-time.ts'
import { hashPassword } from '../password.ts'
import type { IdentityDbTables } from '../tables.ts'
import type { WebDeps } from '../web-session.ts'
import { endWays } from './end-ways.ts'

const seconds = 3_600
/** Stands in for the account of an address that has none, so that both cost the same work. */
const nobody = '-'

/**
 * Has a link sent, if an account has that address; the answer and its time tell nobody whether one does.
 * @throws SpoqError `rate_limited`.
 */
export async function askForReset(deps: WebDeps, typed: string, from: From): Promise<void> {
  const { db, mail, secret, now, baseUrl } = deps
  const email = typed.trim().toLowerCase()
  await assertTries(db, limits.mailFrom, [from.address], now())
  await assertTries(db, limits.mail, [`reset:${email}`], now())
  const user = await db.selectFrom('auth_user').select('id').where('email', '=', email).executeTakeFirst()
  const token = randomBytes(32).toString('base64url')
  const letter = await writeMail({
    to: email,
    subject: 'Set a new Spoq password',
    text: 'Somebody, probably you, asked to set a new password. This link does it, once, within an hour:',
    link: `${baseUrl}${paths.reset}?${new URLSearchParams({ token })}`,
    otherwise: 'It was not you? Then do nothing; your password stays as it is.',
  })
  // For nobody the same is written, and over at once: a mail that is worth nothing any more is never sent.
  const lasting = user ? seconds : 0
  await db.transaction().execute(async tx => {
    const one = { kind: 'reset', account: user?.id ?? nobody, value: token } as const
    await putOneTime(tx, secret, one, new Date(now() + lasting * 1_000))
    await mail.put(tx as never, letter, lasting)
  })
  mail.wake()
}

/** Whether a link still works; looking does not use it up. */
export async function isResetLink({ db, secret, now }: WebDeps, token: string): Promise<boolean> {
  return (await findLink(db, secret, { kind: 'reset', value: token }, now())) !== undefined
}

/**
 * Sets the password that the link is for.
 * @throws SpoqError `code_expired` also when it was used, `invalid_request` for a password that is none.
 */
export async function resetPassword(deps: WebDeps, token: string, password: string, from: From): Promise<void> {
  const { db, mail, secret, now, ended } = deps
  if (!passwordShape.safeParse(password).success)
    throw new SpoqError('invalid_request', { message: 'A password has 8 to 128 characters.', next: 'Choose another.' })
  const account = await findLink(db, secret, { kind: 'reset', value: token }, now())
  const user = await db
    .selectFrom('auth_user')
    .select(['id', 'email'])
    .where('id', '=', account ?? nobody)
    .executeTakeFirst()
  if (!user) throw codeExpired()
  const hash = await hashPassword(password)
  const letter = await passwordChanged(user.email)
  await db.transaction().execute(async tx => {
    await useUp(tx, secret, { kind: 'reset', account: user.id, value: token }, now())
    await setPassword(tx, user.id, hash, new Date(now()))
    // Whoever opened the link reads the mails of this address.
    await tx.updateTable('auth_user').set({ emailVerified: true }).where('id', '=', user.id).execute()
    await tx.updateTable('account').set({ email_verified: true }).where('id', '=', user.id).execute()
    const by = { account: user.id, actor: `account:${user.id}`, origin: from }
    const ending = { ...by, reason: 'the password was reset', now: now(), ended }
    await endEverything(tx, ending)
    await endWays(tx, ending)
    await record(tx, { ...by, action: 'password.reset', resource: user.id }, now())
    await mail.put(tx as never, letter)
  })
  mail.wake()
}

const passwordChanged = (to: string) =>
  writeMail({
    to,
    subject: 'Your Spoq password was changed',
    text: 'A new password was set, and everything that was signed in has been signed out; tokens and connected services were ended.',
    otherwise: 'It was not you? Then whoever did it reads your mail: set a new password there first, then here.',
  })

/** An account that signs in by a provider alone gets a password this way, too. */
async function setPassword(tx: Transaction<IdentityDbTables>, id: string, password: string, at: Date): Promise<void> {
  const changed = await tx
    .updateTable('auth_account')
    .set({ password, updatedAt: at })
    .where('userId', '=', id)
    .where('providerId', '=', 'credential')
    .executeTakeFirst()
  if (changed.numUpdatedRows > 0n) return
  const row = { id: `${id}p`, accountId: id, providerId: 'credential', userId: id, password }
  await tx
    .insertInto('auth_account')
    .values({ ...row, createdAt: at, updatedAt: at })
    .execute()
}
