// Looks how far credit reaches for what it pays: warns once for each step down, suspends at none, and lets go on.

import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { Tables } from '../db/tables.ts'
import { balance } from '../ledger/balance.ts'
import { availableOf } from '../ledger/balances.ts'
import { customer } from '../ledger/shape.ts'
import { textOf } from '../log.ts'
import { standingFor } from './letter.ts'
import type { CreditPorts } from './ports.ts'
import { dailyMicrosOf, listReaches } from './prepaid.ts'
import { isWorse, standing } from './standing.ts'

/** So many accounts are read at once. */
const chunk = 1_000

/** So long what is suspended for want of credit is kept. */
const keptMs = 30 * 86_400_000

/** Looks at everybody whose credit pays for something, or did; who stands as before is only read. */
export async function lookAtReaches(ports: CreditPorts): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await listReaches(ports.db, after, chunk)
    const available = await availableOf(
      ports.ledger,
      rows.map(({ account }) => account),
    )
    for (const { account, daily, before } of rows) {
      // While there is none, what is new is suspended as well.
      if (before !== 'empty' && standing(available.get(account) ?? 0n, daily) === before) continue
      await lookAtReach(ports, account).catch(error =>
        ports.log('error', 'credit.not-looked', { account, error: textOf(error) }),
      )
    }
    if (rows.length < chunk) return
    after = rows.at(-1)?.account ?? ''
  }
}

async function lookAtReach(ports: CreditPorts, account: string): Promise<void> {
  const to = await ports.emailOf(account)
  await ports.db.transaction().execute(trx => lookIn(ports, trx, account, to))
  ports.mail.wake()
}

async function lookIn(
  { ledger, mail, now, reaches }: CreditPorts,
  trx: Transaction<Tables>,
  account: string,
  to: string | null,
): Promise<void> {
  const { standing: before, updated_at: since } = await lockStanding(trx, account, now())
  const { available } = await balance(ledger, customer(account), trx)
  const after = standing(available, await dailyMicrosOf(trx, account))
  const isEmpty = after === 'empty'
  const isGone = isEmpty && before === 'empty' && now() >= since.getTime() + keptMs
  if (before === 'empty' || isEmpty) await reaches(trx, account, { isEmpty, isGone, to })
  if (before === after) return
  const change = { standing: after, updated_at: new Date(now()) }
  await trx.updateTable('credit_standing').set(change).where('account_id', '=', account).execute()
  const said = { action: 'credit.reach', resource: account, from: before, to: after }
  await record(trx, { actor: 'system', ...said }, now())
  if (to && after !== 'ok' && isWorse(before, after))
    await mail.put(trx as never, await standingFor(to, after, available), 3 * 86_400)
}

async function lockStanding(trx: Transaction<Tables>, account: string, now: number) {
  await trx
    .insertInto('credit_standing')
    .values({ account_id: account, standing: 'ok', updated_at: new Date(now) })
    .onConflict(on => on.doNothing())
    .execute()
  const query = trx.selectFrom('credit_standing').select(['standing', 'updated_at']).where('account_id', '=', account)
  return query.forUpdate().executeTakeFirstOrThrow()
}
