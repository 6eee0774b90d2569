// The ways into an account: its password, and the services it is connected to. There is always one.

import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import type { Mail } from '../../mail/mail.ts'
import type { IdentityDb, IdentityDbTables } from '../tables.ts'
import type { WebDeps } from '../web-session.ts'
import { serviceLetter } from './letter.ts'
import { isSocialId, type SocialId, socialName } from './provider.ts'

export interface Ways {
  password: boolean
  services: { id: SocialId; since: Date }[]
}

/** What leads into an account. */
export async function waysInto(db: IdentityDb | Transaction<IdentityDbTables>, account: string): Promise<Ways> {
  const rows = await db
    .selectFrom('auth_account')
    .select(['providerId', 'password', 'createdAt'])
    .where('userId', '=', account)
    .execute()
  return {
    password: rows.some(({ password }) => password !== null),
    services: rows.flatMap(({ providerId: id, createdAt: since }) => (isSocialId(id) ? [{ id, since }] : [])),
  }
}

/**
 * Takes the connection to a service away; harmless when there is none.
 * @throws SpoqError `last_way_in` when nothing else that works here would lead into the account.
 */
export async function unlink(deps: WebDeps, account: string, id: SocialId, origin: From): Promise<void> {
  const { db, mail, now, social } = deps
  const offered = new Set(social.providers.map(provider => provider.id))
  const { email } = await userOf(db, account)
  const letter = await serviceLetter(email, id, 'is no longer connected to')
  await db.transaction().execute(async tx => {
    // Two at once would each take the other for the way that stays.
    await tx.selectFrom('auth_user').select('id').where('id', '=', account).forUpdate().execute()
    const { password, services } = await waysInto(tx, account)
    if (!services.some(service => service.id === id)) return
    if (!password && !services.some(service => service.id !== id && offered.has(service.id)))
      throw new SpoqError('last_way_in')
    await tx.deleteFrom('auth_account').where('userId', '=', account).where('providerId', '=', id).execute()
    const done = { actor: `account:${account}`, action: 'account.unlink', resource: account, reason: socialName[id] }
    await record(tx, { ...done, account, origin }, now())
    await mail.put(tx as never, letter)
  })
  mail.wake()
}

/** Takes the connections to all services away, where the owner of the mail address proves to be somebody else. */
export async function unlinkAll(tx: Transaction<IdentityDbTables>, account: string): Promise<void> {
  await tx
    .deleteFrom('auth_account')
    .where('userId', '=', account)
    .where('providerId', 'in', Object.keys(socialName))
    .execute()
}

/** Tells the owner of a service that was connected; null where the account had no other way in before: it was made by it. */
export async function linkedLetter(db: IdentityDb, account: string, to: string, id: string): Promise<Mail | null> {
  if (!isSocialId(id)) return null
  const { password, services } = await waysInto(db, account)
  return password || services.length > 1 ? serviceLetter(to, id, 'is now connected to') : null
}

const userOf = (db: IdentityDb, account: string) =>
  db.selectFrom('auth_user').select('email').where('id', '=', account).executeTakeFirstOrThrow()
