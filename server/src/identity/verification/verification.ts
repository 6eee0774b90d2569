// Proves that an e-mail address is its account's, by a six-digit code.

import { randomInt } from 'node:crypto'
import { SpoqError } from '@spoq/contracts/problem'
import { findAccount } from '../../account/store.ts'
import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import { writeMail } from '../../mail/template.ts'
import { assertTries, limits } from '../attempt.ts'
import { checkCode, putOneTime, useUp } from '../one-time.ts'
import type { WebDeps } from '../web-session.ts'

const seconds = 900

export interface Verification {
  verified: boolean
  email: string
  /** Until when the code works that was sent; null when none was. */
  expiresAt: string | null
}

/**
 * Sends a new code to the account's address; the one before works no more. Sends none to an address that is verified.
 * @throws SpoqError `account_not_found`, `rate_limited`.
 */
export async function sendCode(deps: WebDeps, account: string, from: From): Promise<Verification> {
  const { db, mail, secret, now, baseUrl } = deps
  const found = await findAccount(db, account)
  if (!found) throw new SpoqError('account_not_found')
  const { email, emailVerified } = found
  if (emailVerified) return { verified: true, email, expiresAt: null }
  await assertTries(db, limits.mailFrom, [from.address], now())
  await assertTries(db, limits.mail, [`verify:${account}`], now())
  const value = String(randomInt(1_000_000)).padStart(6, '0')
  const expiresAt = new Date(now() + seconds * 1_000)
  const letter = await writeMail({
    to: email,
    subject: `${value} is your Spoq code`,
    text: 'This code shows that this address is yours. It works for 15 minutes.',
    code: value,
    otherwise: `You did not ask for it at ${baseUrl}? Then do nothing, and tell nobody the code.`,
  })
  await db.transaction().execute(async tx => {
    await putOneTime(tx, secret, { kind: 'verify', account, value }, expiresAt)
    await mail.put(tx as never, letter, seconds)
  })
  mail.wake()
  return { verified: false, email, expiresAt: expiresAt.toISOString() }
}

/**
 * Takes the code; spaces and dashes in it do not matter. Harmless for an address that is verified.
 * @throws SpoqError `code_wrong`, `code_expired`.
 */
export async function takeCode(deps: WebDeps, account: string, typed: string, from: From): Promise<void> {
  const { db, secret, now } = deps
  if ((await findAccount(db, account))?.emailVerified) return
  const code = { kind: 'verify', account, value: typed.replace(/[\s-]/g, '') } as const
  await checkCode(db, secret, code, now())
  await db.transaction().execute(async tx => {
    await useUp(tx, secret, code, now())
    await tx.updateTable('auth_user').set({ emailVerified: true }).where('id', '=', account).execute()
    await tx.updateTable('account').set({ email_verified: true }).where('id', '=', account).execute()
    const done = { actor: `account:${account}`, action: 'account.verify', resource: account }
    await record(tx, { ...done, account, origin: from }, now())
  })
}
