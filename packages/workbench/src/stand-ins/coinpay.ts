// A stand-in for CoinPayPortal: payments in coins with a window of 15 minutes, and webhooks that are tried three times
// with one signature. What is seen on a chain is told by the test's hand.

import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { type Answer, type Call, Refusal, type RestApi, type Route, startRestApi } from './rest-api.ts'

export type CoinStatus = 'pending' | 'detected' | 'confirmed' | 'forwarding' | 'forwarded' | 'failed' | 'expired'

export interface CoinPayment {
  id: string
  status: CoinStatus
  /** Dollars. */
  amount: number
  blockchain: string
  /** Coins that are asked for. */
  crypto_amount: string
  payment_address: string
  /** Milliseconds since 1970. */
  createdAt: number
  expiresAt: number
  metadata: Record<string, unknown>
  tx_hash: string | null
  /** Their monitor leaves it out at times. */
  confirmations?: number | undefined
  /** Coins that were seen. */
  seen: string | null
}

export interface Seen {
  /** Default: what is asked for. With less it stays pending, unless `confirm` says otherwise. */
  amount_crypto?: string
  confirmations?: number | undefined
  /** Paid on another chain than was asked for. */
  blockchain?: string
  /** Their monitor takes it for enough, or not, whatever was paid. */
  confirm?: boolean
}

/** How a webhook is sent by hand: by default as the real one. */
export interface CoinForgery {
  type?: string
  secret?: string
  /** What stands as `t`: seconds, or anything that is no time. */
  at?: number | string
  data?: Record<string, unknown>
  /** What is sent after it was signed. */
  alter?: (body: string) => string
}

export interface CoinPay extends RestApi {
  key: string
  webhookSecret: string
  businessId: string
  secrets: readonly string[]
  payments: ReadonlyMap<string, CoinPayment>
  /** Where webhooks go: set for the business, never by a request. */
  webhookUrl: string | null
  /** Nothing is sent by itself while this is so: webhooks are lost. */
  silent: boolean
  /** Amounts are text in what is read, as databases give decimals. */
  amountsAsText: boolean
  seen(id: string, what?: Seen): Promise<void>
  forwarded(id: string): Promise<void>
  fail(id: string): Promise<void>
  expire(id: string): Promise<void>
  /** Expires what is due. */
  tick(): Promise<void>
  /** A webhook once more, late or forged. @returns the answers, 0 where there was none. */
  webhook(id: string, forgery?: CoinForgery): Promise<number[]>
  /** Signatures and answers of every try, oldest first. */
  tries: { signature: string; status: number }[]
}

export interface CoinPayOptions {
  /** Milliseconds since 1970. */
  now?: () => number
  /** Between the tries of a webhook. */
  pausesMs?: readonly number[]
  attemptMs?: number
  /** Dollars for a coin. */
  rates?: Record<string, number>
}

const window = 15 * 60_000
const createBody = z.strictObject({
  blockchain: z.string(),
  amount: z.number().positive().max(1_000_000).optional(),
  amount_usd: z.number().positive().max(1_000_000).optional(),
  business_id: z.string().optional(),
  currency: z.string().optional(),
  description: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  success_url: z.string().optional(),
  cancel_url: z.string().optional(),
  redirect_url: z.string().optional(),
  payment_method: z.enum(['crypto', 'card', 'both']).optional(),
  idempotency_key: z.string().max(255).optional(),
  /** Taken and ignored, as the real one does; the document does not know it. */
  webhook_url: z.string().optional(),
})

/** Starts it on a free port. */
export async function startCoinPay(options: CoinPayOptions = {}): Promise<CoinPay> {
  const { now = Date.now, pausesMs = [1_000, 2_000], attemptMs = 30_000 } = options
  const rates: Record<string, number> = { BTC: 50_000, ETH: 2_500, SOL: 100, POL: 0.5, USDC: 1, ...options.rates }
  const key = `cp_live_${randomBytes(16).toString('hex')}`
  const webhookSecret = `whsec_${randomBytes(16).toString('hex')}`
  const businessId = randomUUID()
  const payments = new Map<string, CoinPayment>()
  const keys = new Map<string, string>()
  const one = (id: string | undefined) => payments.get(id ?? '') ?? refuse(404, 'Payment not found')

  function create({ body, headers }: Call): Answer {
    const wanted = createBody.parse(body)
    const idempotencyKey = headers['idempotency-key'] ?? wanted.idempotency_key
    if (idempotencyKey !== undefined && idempotencyKey.length > 255) refuse(400, 'Idempotency-Key is too long')
    const known = keys.get(String(idempotencyKey))
    // The payment of the key, whatever else is asked for this time.
    if (idempotencyKey !== undefined && known !== undefined) return answerOf(200, one(known))
    const rate = rates[wanted.blockchain] ?? refuse(400, `No ${wanted.blockchain} wallet configured for this business.`)
    if (wanted.business_id !== undefined && wanted.business_id !== businessId) refuse(400, 'Business not found')
    const amount = wanted.amount_usd ?? wanted.amount ?? refuse(400, 'Invalid or missing payment amount')
    const payment: CoinPayment = {
      id: randomUUID(),
      status: 'pending',
      amount,
      blockchain: wanted.blockchain,
      crypto_amount: (amount / rate).toFixed(8),
      payment_address: `addr_${randomBytes(10).toString('hex')}`,
      createdAt: now(),
      expiresAt: now() + window,
      metadata: wanted.metadata ?? {},
      tx_hash: null,
      seen: null,
    }
    payments.set(payment.id, payment)
    if (idempotencyKey !== undefined) keys.set(String(idempotencyKey), payment.id)
    return answerOf(201, payment)
  }

  /** What create answers has the coin as its currency, what is read has USD. */
  const answerOf = (status: number, payment: CoinPayment): Answer => ({
    status,
    body: {
      success: true,
      payment: { ...shown(payment, false), currency: payment.blockchain.toLowerCase() },
      usage: { current: payments.size, limit: null, remaining: null },
    },
  })

  function shown(payment: CoinPayment, asText: boolean) {
    const { seen: _, createdAt, expiresAt, confirmations, amount, ...rest } = payment
    return {
      ...rest,
      amount: asText ? amount.toFixed(2) : amount,
      business_id: businessId,
      currency: 'USD',
      created_at: new Date(createdAt).toISOString(),
      expires_at: new Date(expiresAt).toISOString(),
      ...(confirmations !== undefined && { confirmations }),
    }
  }

  const routes: Route[] = [
    { method: 'POST', path: '/api/payments/create', body: createBody, answer: create },
    {
      method: 'GET',
      path: '/api/payments/{id}',
      answer: ({ params }) => {
        expireDue()
        return { status: 200, body: { success: true, payment: shown(one(params.id), coinpay.amountsAsText) } }
      },
    },
  ]

  function expireDue(): CoinPayment[] {
    const over = [...payments.values()].filter(({ status, expiresAt }) => status === 'pending' && expiresAt <= now())
    for (const payment of over) payment.status = 'expired'
    return over
  }

  function bodyOf(payment: CoinPayment, { type, data }: CoinForgery): string {
    const second = Math.floor(now() / 1000)
    return JSON.stringify({
      // Another one for each second in which it is sent: nothing to know a payment by.
      id: `evt_${payment.id}_${second}`,
      type: type ?? `payment.${payment.status}`,
      data: {
        payment_id: payment.id,
        status: payment.status,
        amount: payment.amount,
        amount_crypto: payment.seen ?? payment.crypto_amount,
        currency: payment.blockchain.toLowerCase(),
        ...(payment.confirmations !== undefined && { confirmations: payment.confirmations }),
        tx_hash: payment.tx_hash,
        metadata: payment.metadata,
        ...data,
      },
      created_at: new Date(now()).toISOString(),
      business_id: businessId,
    })
  }

  async function send(id: string, forgery: CoinForgery = {}): Promise<number[]> {
    const url = coinpay.webhookUrl
    if (url === null) return []
    const body = bodyOf(one(id), forgery)
    const at = forgery.at ?? Math.floor(now() / 1000)
    const sum = createHmac('sha256', forgery.secret ?? webhookSecret)
      .update(`${at}.${body}`)
      .digest('hex')
    const signature = `t=${at},v1=${sum}`
    const answers: number[] = []
    // One signature for all tries: its time is that of the first.
    for (const pause of [0, ...pausesMs]) {
      await sleep(pause)
      const status = await post(url, signature, forgery.alter ? forgery.alter(body) : body)
      answers.push(status)
      coinpay.tries.push({ signature, status })
      if (status >= 200 && status < 300) break
    }
    return answers
  }

  async function post(url: string, signature: string, body: string): Promise<number> {
    try {
      const headers = { 'content-type': 'application/json', 'x-coinpay-signature': signature }
      const signal = AbortSignal.timeout(attemptMs)
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
      await answer.arrayBuffer()
      return answer.status
    } catch {
      return 0
    }
  }

  async function become(id: string, status: CoinStatus): Promise<void> {
    one(id).status = status
    if (!coinpay.silent) await send(id)
  }

  async function see(id: string, what: Seen = {}): Promise<void> {
    const payment = one(id)
    payment.seen = what.amount_crypto ?? payment.crypto_amount
    payment.confirmations = what.confirmations
    payment.tx_hash = `0x${randomBytes(32).toString('hex')}`
    if (what.blockchain) payment.blockchain = what.blockchain
    const enough = Number(payment.seen) >= Number(payment.crypto_amount)
    if (what.confirm ?? enough) await become(id, 'confirmed')
    else payment.status = 'detected'
  }

  const api = await startRestApi({
    document: 'coinpay',
    allows: headers => headers.authorization === `Bearer ${key}`,
    error: (_, code, message) => ({ success: false, error: message || code }),
    routes,
  })
  const coinpay: CoinPay = {
    ...api,
    key,
    webhookSecret,
    businessId,
    secrets: [key, webhookSecret],
    payments,
    webhookUrl: null,
    silent: false,
    amountsAsText: false,
    seen: see,
    forwarded: id => become(id, 'forwarded'),
    fail: id => become(id, 'failed'),
    expire: id => become(id, 'expired'),
    async tick() {
      for (const { id } of expireDue()) if (!coinpay.silent) await send(id)
    },
    webhook: send,
    tries: [],
  }
  return coinpay
}

function refuse(status: number, message: string): never {
  throw new Refusal(status, message)
}
