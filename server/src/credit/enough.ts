// Whether credit is enough for one more machine that is paid by the day.

import { SpoqError } from '@spoq/contracts/problem'
import type { Quote } from '@spoq/contracts/provider'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { balance } from '../ledger/balance.ts'
import { dollars } from '../ledger/money.ts'
import { customer } from '../ledger/shape.ts'
import { dollarText } from './amount.ts'
import type { CreditPorts } from './ports.ts'
import { dailyMicrosOf } from './prepaid.ts'

/** For so many days it has to be enough before one is made. */
const neededDays = 7n
/** The least that is sold at once, in dollars. */
const leastTopUp = 5n

/** How far it would reach with one more at this price a day; `db`: the transaction that is to make it, where there is one. */
export async function enoughFor(
  { ledger }: Pick<CreditPorts, 'ledger'>,
  db: Kysely<Tables>,
  { account, microsDaily }: { account: string; microsDaily: bigint },
): Promise<NonNullable<Quote['credit']>> {
  const { available } = await balance(ledger, customer(account), db as never)
  const all = (await dailyMicrosOf(db, account)) + microsDaily
  const missing = neededDays * all - available
  return {
    daily: dollarText(microsDaily),
    days: Number(available > 0n ? available / all : 0n),
    needed: Number(neededDays),
    missingCents: missing > 0n ? Number((missing + 9_999n) / 10_000n) : 0,
  }
}

/** @throws SpoqError `credit_short`, with the top-up that would do. */
export async function assertEnough(
  ports: Pick<CreditPorts, 'ledger'>,
  db: Kysely<Tables>,
  wanted: { account: string; microsDaily: bigint },
): Promise<void> {
  const { days, needed, missingCents } = await enoughFor(ports, db, wanted)
  if (missingCents === 0) return
  const price = dollars(wanted.microsDaily)
  const missing = (BigInt(missingCents) + 99n) / 100n
  throw new SpoqError('credit_short', {
    message: `It costs ${price} a day; your credit is enough for ${days} days, and has to be for ${needed}.`,
    next: `Add some: spoq credit top-up ${missing > leastTopUp ? missing : leastTopUp}.`,
  })
}
