// What a call costs: set aside before it, taken after it.

import { SpoqError } from '@spoq/contracts/problem'
import type { ModelPrice, Tokens } from '@spoq/kit/model-price'
import { sql, type Transaction } from 'kysely'
import { newId } from '../db/new-id.ts'
import type { Tables } from '../db/tables.ts'
import { hold } from '../ledger/hold.ts'
import { post } from '../ledger/post.ts'
import { release } from '../ledger/release.ts'
import { customer } from '../ledger/shape.ts'
import { mostTokens, priced } from './estimate.ts'
import { callMs, keyOf, type ModelCreditPorts, monthOf } from './ports.ts'
import { Refused } from './refused.ts'
import { beginCall, endCall, type NewCall, spentSince } from './store.ts'
import type { Call } from './vendor.ts'

/** Who asks, and what. */
export interface Wish extends Pick<NewCall, 'account' | 'machine' | 'vendor'> {
  /** What this month may cost; null: no end. */
  budgetMicros: number | null
  asked: Call
  price: ModelPrice
}

/** A call whose money is set aside. */
export interface Begun {
  /**
   * Takes what it did cost; null: it cost nothing. Where this fails, or is never called, `lost.ts` finds out what became of it.
   * @throws SpoqError `hold_ended` after `callMs`, `unavailable`.
   */
  end(tokens: Tokens | null): Promise<void>
}

/** Sets aside all that a call may cost. @throws Refused where that is not there. */
export async function begin(ports: ModelCreditPorts, wish: Wish): Promise<Begun> {
  const { db, ledger, now } = ports
  const { account, machine, vendor, asked, price, budgetMicros } = wish
  const heldMicros = Math.max(1, priced(price, mostTokens(asked.body, asked.maxOutputTokens)))
  const call = { id: newId('call'), account, machine, vendor, model: asked.model, heldMicros }
  const money = { key: keyOf(call.id), account: customer(account), amount: BigInt(heldMicros), forMs: callMs }
  const held = await db.transaction().execute(async trx => {
    if (budgetMicros !== null) await assertBudget(trx, account, heldMicros, budgetMicros, now())
    const set = await hold(ledger, money, trx).catch(short)
    await beginCall(trx, call, now())
    return set
  })
  return {
    async end(tokens) {
      const cost = tokens ? priced(price, tokens) : 0
      const taken = cost === 0 ? 0 : await takeOrLess(ports, call, held.hold, cost)
      if (taken === 0) await release(ledger, held.hold)
      const { inputTokens: input = 0, cachedTokens: cached = 0, outputTokens: output = 0 } = tokens ?? {}
      await endCall(db, call.id, { input, cached, output, cost: taken }, now())
    },
  }
}

/** More than was set aside, and more than is there: what was set aside is ours. */
async function takeOrLess(ports: ModelCreditPorts, call: NewCall, held: string, cost: number): Promise<number> {
  try {
    await take(ports, call, held, cost)
    return cost
  } catch (error) {
    if (!(error instanceof SpoqError && error.code === 'credit_short')) throw error
    ports.log('warn', 'model-credit.short', { call: call.id, cost, held: call.heldMicros })
    const less = Math.min(cost, call.heldMicros)
    await take(ports, call, held, less)
    return less
  }
}

function take({ ledger }: ModelCreditPorts, { id, account, vendor, model }: NewCall, held: string, micros: number) {
  const lines = [
    { account: customer(account), amount: -BigInt(micros) },
    { account: 'usage', amount: BigInt(micros) },
  ]
  return post(ledger, { key: keyOf(id), kind: 'model', captures: held, lines, note: `${vendor}/${model}` })
}

/** Calls of an account are begun one after the other, so that they do not pass its budget together. */
async function assertBudget(trx: Transaction<Tables>, account: string, micros: number, most: number, now: number) {
  await sql`SELECT pg_advisory_xact_lock(hashtext('model.budget'), hashtext(${account}))`.execute(trx)
  const spent = await spentSince(trx, account, monthOf(now), new Date(now - callMs))
  if (spent + micros > most)
    throw new Refused(402, 'The budget of this month does not allow it: spoq model credit on --budget DOLLARS.')
}

function short(error: unknown): never {
  if (error instanceof SpoqError && error.code === 'credit_short')
    throw new Refused(402, 'Your Spoq credit does not reach for this: spoq credit top-up 20.')
  throw error
}
