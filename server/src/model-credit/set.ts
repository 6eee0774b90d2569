import type { ModelCredit } from '@spoq/contracts/model-credit'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import type { Tables } from '../db/tables.ts'
import { markup } from './estimate.ts'
import { callMs, type ModelCreditPorts, monthOf } from './ports.ts'
import { findCredit, keepCredit, spentSince } from './store.ts'

/** How it stands with models on Spoq credit. */
export async function show({ db, keys, now }: ModelCreditPorts, account: string): Promise<ModelCredit> {
  const credit = await findCredit(db, account)
  const spent = await spentSince(db, account, monthOf(now()), new Date(now() - callMs))
  return {
    on: credit?.is_on ?? false,
    vendors: [...keys.keys()],
    markup,
    budgetCents: credit?.budget_cents ?? null,
    spent: (spent / 1e6).toFixed(6),
  }
}

/**
 * Turns it on or off, and says what a month may cost. `changed`: has the account's machines told.
 * @throws SpoqError `model_credit_off` where this server has no key of its own.
 */
export async function set(
  ports: ModelCreditPorts & { changed: (trx: Transaction<Tables>, account: string) => Promise<void> },
  asker: Asker,
  asked: { on: boolean; budgetCents?: number | null | undefined },
): Promise<ModelCredit> {
  const { db, keys, now, changed } = ports
  if (asked.on && keys.size === 0) throw new SpoqError('model_credit_off')
  const { account } = asker
  await db.transaction().execute(async trx => {
    const before = await findCredit(trx, account)
    const budget = asked.budgetCents === undefined ? (before?.budget_cents ?? null) : asked.budgetCents
    await keepCredit(trx, account, { on: asked.on, budget }, now())
    const change = {
      from: before?.is_on ? 'on' : 'off',
      to: asked.on ? 'on' : 'off',
      reason: `budget ${budget ?? 'none'}`,
    }
    await record(trx, { ...askedBy(asker), action: 'model-credit.set', resource: account, ...change }, now())
    await changed(trx, account)
  })
  return show(ports, account)
}
