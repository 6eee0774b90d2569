// CoinPayPortal's API: a payment made, and read. Nothing that a message of theirs says is taken for it.

import { SpoqError } from '@spoq/contracts/problem'
import { Agent, request } from 'undici'
import * as z from 'zod/mini'
import { coins } from './coins.ts'

export interface CoinPay {
  /**
   * Makes a payment; with the same key there is one.
   * @throws SpoqError `chain_unavailable`, `billing_unavailable`.
   */
  create(asked: { cents: number; chain: string; topUp: string }, key: string): Promise<CoinPayment>
  /** Null: there is none. @throws SpoqError `billing_unavailable`. */
  read(id: string): Promise<CoinPayment | null>
}

const isDollars = /^\d{1,9}(\.\d{1,8})?$/

const payment = z.object({
  id: z.string().check(z.regex(/^[A-Za-z0-9-]{1,64}$/)),
  status: z.string().check(z.maxLength(40)),
  /** A number, or text as databases give decimals. */
  amount: z.union([z.number(), z.string().check(z.regex(isDollars))]),
  currency: z.string().check(z.maxLength(20)),
  blockchain: z.string().check(z.maxLength(20)),
  crypto_amount: coins,
  payment_address: z.string().check(z.minLength(1), z.maxLength(200)),
  expires_at: z.iso.datetime({ offset: true }),
  confirmations: z.nullish(z.int()),
})
export type CoinPayment = z.infer<typeof payment>

const answer = z.object({ success: z.literal(true), payment })

/** No answer of theirs is longer; what is comes from something else. */
const mostBytes = 256 << 10

export function openCoinPay({ key, url }: { key: string; url: string }): CoinPay {
  const dispatcher = new Agent({ connections: 4, connect: { timeout: 10_000 }, maxResponseSize: mostBytes })

  async function ask(method: 'GET' | 'POST', path: string, body?: object, idempotencyKey?: string) {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
    }
    const signal = AbortSignal.timeout(20_000)
    const asked = { method, headers, dispatcher, signal, ...(body ? { body: JSON.stringify(body) } : {}) }
    try {
      const { statusCode, body: said } = await request(`${url}${path}`, asked)
      return { status: statusCode, text: await said.text() }
    } catch (cause) {
      throw away({ cause })
    }
  }

  return {
    async create({ cents, chain, topUp }, idempotencyKey) {
      const asked = { amount_usd: cents / 100, blockchain: chain, metadata: { top_up: topUp } }
      const { status, text } = await ask('POST', '/api/payments/create', asked, idempotencyKey)
      if (status === 400 || status === 422) throw new SpoqError('chain_unavailable')
      return read(status, text)
    },
    async read(id) {
      const { status, text } = await ask('GET', `/api/payments/${encodeURIComponent(id)}`)
      return status === 404 ? null : read(status, text)
    },
  }
}

function read(status: number, text: string): CoinPayment {
  if (status === 401 || status === 403)
    throw away({
      message: 'The payment service does not let this server in.',
      next: 'Tell whoever runs it: COINPAY_API_KEY is wrong, or may not do this.',
    })
  if (status < 200 || status >= 300) throw away({ cause: new Error(`CoinPayPortal answered ${status}`) })
  try {
    return z.parse(answer, JSON.parse(text)).payment
  } catch (cause) {
    throw away({ cause })
  }
}

const away = (more: object) => new SpoqError('billing_unavailable', { retryAfter: 30, ...more })
