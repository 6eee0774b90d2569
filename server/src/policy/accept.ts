import type { Acceptance, PolicyName } from '@spoq/contracts/policy'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import type { Tables } from '../db/tables.ts'
import { findAcceptance, putAcceptance } from './store.ts'
import { policies } from './table.ts'

/**
 * Keeps that an account accepts a policy, in the version that it has read. Asked again it answers when that was.
 * @throws SpoqError `policy_outdated` when that is not the version that holds now.
 */
export async function accept(
  { db, now }: { db: Kysely<Tables>; now: () => number },
  asker: Asker,
  name: PolicyName,
  version: string,
): Promise<Acceptance> {
  const current = policies[name].version
  if (version !== current)
    throw new SpoqError('policy_outdated', { message: `The version of ${name} that holds now is ${current}.` })
  const key = { account: asker.account, policy: name, version }
  return db.transaction().execute(async trx => {
    if (await putAcceptance(trx, key, now())) {
      const said = {
        action: 'policy.accept',
        resource: asker.account,
        account: asker.account,
        to: `${name} ${version}`,
      }
      await record(trx, { ...askedBy(asker), ...said }, now())
    }
    const acceptedAt = await findAcceptance(trx, key)
    if (!acceptedAt) throw new Error(`${name} ${version} was accepted and is not there`)
    return { name, version, acceptedAt: acceptedAt.toISOString() }
  })
}

/** Whether an account has accepted the version that holds now. */
export async function isAccepted(db: Kysely<Tables>, account: string, name: PolicyName): Promise<boolean> {
  const { version } = policies[name]
  return (await findAcceptance(db, { account, policy: name, version })) !== undefined
}

/** @throws SpoqError `policy_unaccepted`. */
export async function assertAccepted(db: Kysely<Tables>, account: string, name: PolicyName): Promise<void> {
  if (await isAccepted(db, account, name)) return
  throw new SpoqError('policy_unaccepted', {
    message: `The policy ${name} (${policies[name].version}) has to be accepted first.`,
    next: `Read it: spoq policy show ${name}. Then: spoq policy accept ${name}.`,
  })
}
