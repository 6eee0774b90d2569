import type { TopUp } from '@spoq/contracts/credit'
import { SpoqError } from '@spoq/contracts/problem'
import { type AccountTables, findByEmail } from '../account/store.ts'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { newId } from '../db/new-id.ts'
import type { CreditPorts } from './ports.ts'
import { settleIn } from './settle.ts'
import { toTopUp } from './shape.ts'
import { lockTopUp, putTopUp } from './store.ts'
import { newTopUp } from './top-up.ts'

export interface Gift {
  email: string
  cents: number
  /** It stands in the audit log. */
  reason: string
}

/**
 * Gives an account credit; with the same key once.
 * @throws SpoqError `account_not_found`, `idempotency_mismatch`.
 */
export async function give(
  ports: CreditPorts,
  asker: Asker,
  { email, cents, reason }: Gift,
  key = newId('key'),
): Promise<TopUp> {
  const { db, mail, now, wake } = ports
  const row = await db.transaction().execute(async trx => {
    const account = await findByEmail(trx.withTables<AccountTables>(), email)
    if (!account) throw new SpoqError('account_not_found', { message: `Nobody here has the address ${email}.` })
    const fresh = newTopUp({ account, asker, method: 'manual', cents, key, openMs: 0 }, now())
    const { id, request_hash } = await putTopUp(trx, fresh)
    if (request_hash !== fresh.request_hash) throw new SpoqError('idempotency_mismatch')
    const by = { ...askedBy(asker), reason }
    if (id === fresh.id) await settleIn(ports, trx, { id, outcome: { state: 'paid' }, to: email, by })
    return lockTopUp(trx, id)
  })
  mail.wake()
  wake()
  return toTopUp(row)
}
