import type { Plan, PlanName, PlanSource } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { type AccountTables, findByEmail } from '../account/store.ts'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { type PlanPorts, planOf } from './of.ts'
import { findPlan, keepPlan } from './store.ts'

/**
 * Gives an account a plan, whatever it pays for; null takes that back.
 * @throws SpoqError `account_not_found`.
 */
export async function give(
  { db, usual, now, changed }: PlanPorts,
  asker: Asker,
  { email, plan, reason }: { email: string; plan: PlanName | null; reason: string },
): Promise<{ account: string; plan: Plan; source: PlanSource }> {
  return db.transaction().execute(async trx => {
    const account = await findByEmail(trx.withTables<AccountTables>(), email)
    if (!account) throw new SpoqError('account_not_found', { message: `Nobody here has the address ${email}.` })
    const before = (await findPlan(trx, account))?.given ?? null
    await keepPlan(trx, account, { given: plan, given_reason: reason }, now())
    const change = { from: before ?? 'none', to: plan ?? 'none', reason }
    await record(trx, { ...askedBy(asker), action: 'plan.give', resource: account, ...change }, now())
    await changed(trx, account)
    return { account, ...(await planOf({ db: trx, usual }, account)) }
  })
}
