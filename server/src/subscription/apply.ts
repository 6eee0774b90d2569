// Brings a row to what its subscription is at Stripe, and to what the time says; with what follows from it, in one transaction.

import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { SubscriptionRow, Tables } from '../db/tables.ts'
import { keepPlan } from '../plan/store.ts'
import { letterFor } from './letter.ts'
import { type Facts, hasPlan, next, nextAt } from './lifecycle.ts'
import type { SubscriptionPorts } from './ports.ts'
import { changeSubscriptionRow, lockById } from './store.ts'

/** Where it is followed at Stripe, and what that says now; null: time alone. */
export type Seen = { stripeId: string; factsOf: (row: SubscriptionRow) => Facts } | null

/** It may be called at any time and again. Answers the row as it is then. */
export async function apply(ports: SubscriptionPorts, id: string, seen: Seen): Promise<SubscriptionRow> {
  const { db, mail } = ports
  const to = await addressOf(ports, id)
  const row = await db.transaction().execute(async trx => {
    const before = await lockById(trx, id)
    if (!before) throw new Error(`subscription ${id} is not there`)
    return advance(ports, trx, before, seen, to)
  })
  mail.wake()
  return row
}

async function addressOf({ db, emailOf }: SubscriptionPorts, id: string): Promise<string | null> {
  const query = db.selectFrom('subscription').select('account_id').where('id', '=', id)
  const found = await query.executeTakeFirst()
  return found ? emailOf(found.account_id) : null
}

async function advance(
  ports: SubscriptionPorts,
  trx: Transaction<Tables>,
  before: SubscriptionRow,
  seen: Seen,
  to: string | null,
): Promise<SubscriptionRow> {
  const now = ports.now()
  const facts = seen?.factsOf(before) ?? null
  const standing = next(standingOf(before), facts, now)
  const at = nextAt(standing)
  const change = {
    state: standing.state,
    grace_until: dateOf(standing.graceUntil),
    frozen_until: dateOf(standing.frozenUntil),
    next_at: dateOf(at),
    ...(facts && seen
      ? {
          stripe_id: seen.stripeId,
          plan: facts.plan,
          billing_interval: facts.interval,
          period_end: dateOf(facts.periodEnd),
          cancel_at_period_end: facts.cancelAtPeriodEnd,
          failures: facts.failures,
          read_at: new Date(now),
        }
      : {}),
    ...(facts && standing.state !== 'incomplete'
      ? { checkout: null, checkout_url: null, checkout_expires_at: null }
      : {}),
  }
  const after = await changeSubscriptionRow(trx, before, change, now)
  if (!after) throw new Error(`subscription ${before.id} changed under its lock`)
  if (!isOther(before, after)) return after
  const { account_id: account, id } = after
  await keepPlan(trx, account, { bought: hasPlan(after.state) ? after.plan : null }, now)
  const said = { action: 'subscription.change', from: inWords(before), to: inWords(after) }
  await record(trx, { actor: 'system', resource: id, account, ...said }, now)
  await ports.changed(trx, { account, email: to, from: before.state, to: after.state })
  const letter = to && (await letterFor(to, before, after))
  if (letter) await ports.mail.put(trx as never, letter, 3 * 86_400)
  return after
}

const inWords = ({ plan, state }: SubscriptionRow) => `${plan} ${state}`
const isOther = (a: SubscriptionRow, b: SubscriptionRow) =>
  a.state !== b.state ||
  a.period_end?.getTime() !== b.period_end?.getTime() ||
  a.plan !== b.plan ||
  a.failures !== b.failures ||
  a.cancel_at_period_end !== b.cancel_at_period_end
const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms))

const standingOf = ({ state, plan, grace_until, frozen_until }: SubscriptionRow) => ({
  state,
  plan,
  graceUntil: grace_until?.getTime() ?? null,
  frozenUntil: frozen_until?.getTime() ?? null,
})
