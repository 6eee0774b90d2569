// Events on their way: signed over the raw body, sent until they are taken. The hand holds back, turns round, repeats
// and forges them.

import { createHmac } from 'node:crypto'
import type Stripe from 'stripe'

export interface Delivery {
  event: Stripe.Event
  endpoint: Stripe.WebhookEndpoint & { secret: string }
  /** Answers of the receiver, oldest first; 0 when there was none. */
  answers: number[]
  /** The receiver has it. */
  taken: () => void
}

export interface Forgery {
  /** Another secret than the endpoint's. */
  secret?: string
  /** Unix seconds in the signature. */
  at?: number
  /** What is sent, where it is not the event; signed as it is. */
  body?: string
  /** What is sent after it was signed. */
  alter?: (body: string) => string
}

/** Seconds until it is sent again: soon at first, then each hour, for three days. */
const pauses = [10, 60, 300, 1800, ...Array.from({ length: 71 }, () => 3600)]

export const sign = (secret: string, at: number, body: string): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`

export function webhooks(clock: () => number, later: (time: number, act: () => void) => void, attemptMs: number) {
  const underWay = new Set<Promise<unknown>>()
  const sent: Delivery[] = []
  let held: Delivery[] | null = null

  /** Sends once. @returns the status; 0 when there is no answer. */
  async function post(url: string, secret: string, event: Stripe.Event, forgery: Forgery = {}): Promise<number> {
    const body = forgery.body ?? JSON.stringify(event)
    const signature = sign(forgery.secret ?? secret, forgery.at ?? Math.floor(clock() / 1000), body)
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
        body: forgery.alter ? forgery.alter(body) : body,
        signal: AbortSignal.timeout(attemptMs),
        redirect: 'manual',
      })
      await answer.arrayBuffer()
      return answer.status
    } catch {
      return 0
    }
  }

  function attempt(delivery: Delivery): void {
    const { endpoint, event } = delivery
    const trying = post(endpoint.url, endpoint.secret, event).then(status => {
      delivery.answers.push(status)
      if (status >= 200 && status < 300) {
        return delivery.taken()
      }
      const pause = pauses[delivery.answers.length - 1]
      if (pause !== undefined) later(Math.floor(clock() / 1000) + pause, () => attempt(delivery))
    })
    underWay.add(trying)
    void trying.finally(() => underWay.delete(trying))
  }

  return {
    /** Every delivery that was begun, oldest first. */
    sent,
    send(event: Stripe.Event, endpoint: Delivery['endpoint'], taken: () => void): void {
      const delivery = { event, endpoint, answers: [], taken }
      sent.push(delivery)
      if (held) held.push(delivery)
      else attempt(delivery)
    },
    post,
    /** Keeps what is to be sent from now on. */
    hold(): void {
      held ??= []
    },
    /** Sends what was kept, in this order; the default is the order in which it happened. */
    async release(order: (held: Delivery[]) => Delivery[] = all => all): Promise<void> {
      const all = order(held ?? [])
      held = null
      for (const delivery of all) {
        attempt(delivery)
        await Promise.all(underWay)
      }
    },
    /** Waits until nothing is on its way. */
    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
