import { SpoqError } from '@spoq/contracts/problem'
import type { TokenScope } from '@spoq/contracts/token'
import type { Trust } from '@spoq/contracts/trust'
import { record } from '../../audit/record.ts'
import { newId } from '../../db/new-id.ts'
import type { From } from '../../http/from.ts'
import type { TokenDeps } from '../token/token.ts'
import { insertTrust, toTrust } from './store.ts'

interface Asked {
  repositoryId: string
  ref: string
  scopes: TokenScope[]
  machine?: string | undefined
}

/**
 * Trusts a repository's jobs on one ref.
 * @throws SpoqError `machine_not_found`, also for another account's.
 */
export async function add(
  { db, now, ownsMachine }: TokenDeps,
  { account, from }: { account: string; from: From },
  { machine = null as never, ...asked }: Asked,
): Promise<Trust> {
  if (machine !== null && !(await ownsMachine(account, machine))) throw new SpoqError('machine_not_found')
  const id = newId('trust')
  const made = { id, account, ...asked, scopes: [...new Set(asked.scopes)], machine, now: now() }
  const reason = `repository ${asked.repositoryId} on ${asked.ref}: ${made.scopes.join(' ')}`
  const row = await db.transaction().execute(async tx => {
    await record(
      tx,
      { actor: `account:${account}`, action: 'trust.add', resource: id, reason, account, origin: from },
      made.now,
    )
    return insertTrust(tx, made)
  })
  return toTrust(row)
}
