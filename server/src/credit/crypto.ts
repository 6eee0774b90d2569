// Credit for coins: a payment at CoinPayPortal, and what came of it.

import { SpoqError } from '@spoq/contracts/problem'
import * as z from 'zod/mini'
import { coins } from '../coinpay/coins.ts'
import type { CoinPay } from '../coinpay/open.ts'
import type { TopUpChange, TopUpRow } from '../db/tables.ts'
import { judge } from './judge.ts'
import type { CreditPorts } from './ports.ts'
import { settle } from './settle.ts'
import { findBy, payloadsOf } from './store.ts'

/** How often a payment is read though nothing was told of it. */
export const cryptoLookMs = 60_000

function coinPayOf({ coinpay }: CreditPorts): CoinPay {
  if (!coinpay) throw new SpoqError('billing_off', { message: 'This server takes no coins.' })
  return coinpay
}

/** Where coins are sent, and how many. @throws SpoqError `chain_unavailable`, `billing_unavailable`. */
export async function openCrypto(ports: CreditPorts, { id, cents, chain }: TopUpRow): Promise<TopUpChange> {
  const made = await coinPayOf(ports).create({ cents, chain: String(chain), topUp: id }, `top-up ${id}`)
  return {
    ...{ reference: made.id, address: made.payment_address, coins: made.crypto_amount },
    expires_at: new Date(made.expires_at),
    next_at: new Date(ports.now() + cryptoLookMs),
  }
}

/** Reads a payment again, and brings its top-up to what came of it. */
export async function readCoinPayment(ports: CreditPorts, payment: string): Promise<void> {
  const { db, now, log } = ports
  const row = await findBy(db, 'reference', payment)
  if (row?.method !== 'crypto') return log('warn', 'credit.unknown', { payment })
  if (row.state === 'paid' || row.state === 'review') return
  const there = await coinPayOf(ports).read(payment)
  if (!there) return log('error', 'credit.gone', { topUp: row.id, payment })
  const outcome = judge(row, there, await told(ports, payment), now())
  if (outcome && outcome.state !== row.state) await settle(ports, row.id, { ...outcome, payment })
}

const message = z.object({ data: z.object({ amount_crypto: coins }) })

/** How many coins their messages say came. */
async function told({ db }: CreditPorts, payment: string): Promise<string[]> {
  return (await payloadsOf(db, payment)).flatMap(payload => {
    const parsed = message.safeParse(payload)
    return parsed.success ? [parsed.data.data.amount_crypto] : []
  })
}
