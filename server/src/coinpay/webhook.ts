// What CoinPayPortal sends to POST /webhooks/coinpay.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod/mini'
import { isNow, jsonOf, type Sender, type TakePorts, take } from '../webhook/take.ts'

export const coinPayPath = '/webhooks/coinpay'
/** What is read again because of a message. */
export const coinPayKind = 'coinpay'

const message = z.object({
  type: z.string().check(z.maxLength(200)),
  data: z.object({ payment_id: z.string().check(z.regex(/^[A-Za-z0-9-]{1,64}$/)) }),
  created_at: z.nullish(z.iso.datetime({ offset: true })),
})

export interface WebhookPorts extends TakePorts {
  secret: string
}

/** Takes a message in, and answers 200 once it is stored. What is not theirs is refused, and nothing is written. */
export const takeCoinPay = (ports: WebhookPorts, request: Request): Promise<Response> =>
  take(ports, senderOf(ports), request)

const senderOf = ({ secret, now }: WebhookPorts): Sender => ({
  name: 'coinpay',
  check: (raw, headers) => checkSignature(raw, headers.get('x-coinpay-signature'), secret, now()),
  read: raw => {
    const parsed = message.safeParse(jsonOf(raw))
    if (!parsed.success) return null
    const { type, data, created_at } = parsed.data
    // Their own id is the same for two messages of one second.
    const id = `coinpay ${createHash('sha256').update(raw).digest('hex')}`
    const stale = { kind: coinPayKind, object: data.payment_id }
    return { id, type, stale, madeAt: new Date(created_at ?? now()) }
  },
})

/** Null when it is signed with the secret, now; else what is wrong with it. */
export function checkSignature(raw: Buffer, header: string | null, secret: string, now: number): string | null {
  if (!header) return 'it is not signed'
  const [, at, sum] = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/.exec(header.replaceAll(' ', '')) ?? []
  if (at === undefined || sum === undefined) return 'its signature is of another form'
  if (!isNow(at, now)) return 'it is too old, or from the future: check the clock'
  const right = createHmac('sha256', secret).update(`${at}.`).update(raw).digest()
  return timingSafeEqual(right, Buffer.from(sum, 'hex')) ? null : 'its signature is wrong'
}
