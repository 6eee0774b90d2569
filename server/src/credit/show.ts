import type { Credit, Movement, TopUp } from '@spoq/contracts/credit'
import { SpoqError } from '@spoq/contracts/problem'
import { balance } from '../ledger/balance.ts'
import { history } from '../ledger/history.ts'
import { customer } from '../ledger/shape.ts'
import { dollarText } from './amount.ts'
import type { CreditPorts } from './ports.ts'
import { dailyMicrosOf } from './prepaid.ts'
import { toTopUp } from './shape.ts'
import { standing } from './standing.ts'
import { findTopUp } from './store.ts'

/** What an account has, and how far it reaches. */
export async function showCredit({ db, ledger, stripe, coinpay }: CreditPorts, account: string): Promise<Credit> {
  const { available, held } = await balance(ledger, customer(account))
  const daily = await dailyMicrosOf(db, account)
  return {
    ...{ available: dollarText(available), held: dollarText(held), currency: 'usd', daily: dollarText(daily) },
    standing: standing(available, daily),
    methods: [...(stripe ? (['card'] as const) : []), ...(coinpay ? (['crypto'] as const) : [])],
  }
}

/** What came and went, the newest first. */
export async function listMovements(
  { ledger }: Pick<CreditPorts, 'ledger'>,
  account: string,
  before: string | undefined,
): Promise<{ movements: Movement[]; next: string | null }> {
  const { movements, next } = await history(ledger, { account: customer(account), before })
  return {
    movements: movements.map(({ tx, kind, amount, balanceAfter, recordedAt }) => ({
      ...{ id: tx, kind, amount: dollarText(amount), balanceAfter: dollarText(balanceAfter) },
      at: recordedAt.toISOString(),
    })),
    next,
  }
}

/** @throws SpoqError `top_up_not_found`, also for another's. */
export async function showTopUp({ db }: Pick<CreditPorts, 'db'>, account: string, id: string): Promise<TopUp> {
  const row = await findTopUp(db, id)
  if (row?.account_id !== account) throw new SpoqError('top_up_not_found')
  return toTopUp(row)
}
