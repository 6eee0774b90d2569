import * as z from 'zod/mini'
import { id, instant } from '../http/index.ts'

/** Dollars as text, exact: a number is not above 2^53. */
export const dollarText = z.string().check(z.regex(/^-?[0-9]{1,13}\.[0-9]{6}$/))

/** The coins' networks that credit can be paid on. */
export const chains = ['BTC', 'BCH', 'ETH', 'POL', 'SOL'] as const
export const chain = z.enum(chains)
export type Chain = z.infer<typeof chain>

/**
 * How far credit reaches for what it pays by the day. `week`: for seven days at most, `day`: for one, `empty`: for none, so
 * that machines paid from it are suspended.
 */
export const standings = ['ok', 'week', 'day', 'empty'] as const
export const standing = z.enum(standings)
export type Standing = z.infer<typeof standing>

export const credit = z.object({
  /** What can be spent. Less than nothing after a refund or a dispute of what was spent already. */
  available: dollarText,
  /** Set aside for what runs. */
  held: dollarText,
  currency: z.literal('usd'),
  /** What machines that are paid from it cost a day. */
  daily: dollarText,
  standing,
  /** How more of it can be bought here; without any, whoever runs the server can give it. */
  methods: z.array(z.enum(['card', 'crypto'])),
})
export type Credit = z.infer<typeof credit>

export const movement = z.object({
  id: z.string(),
  /** `top_up`, `manual`, `refund`, `dispute`, `prepaid`, … */
  kind: z.string(),
  amount: dollarText,
  balanceAfter: dollarText,
  at: instant,
})
export type Movement = z.infer<typeof movement>

/**
 * `waiting`: for the payment, or its confirmations. `paid`: it is credit now. `expired`, `failed`: nothing came. `review`:
 * something came that is not what was asked for; whoever runs the server looks at it.
 */
export const topUpStates = ['waiting', 'paid', 'expired', 'failed', 'review'] as const
export const topUpState = z.enum(topUpStates)
export type TopUpState = z.infer<typeof topUpState>

export const topUp = z.object({
  id: id('topup'),
  cents: z.int(),
  method: z.enum(['card', 'crypto', 'manual']),
  chain: z.nullable(chain),
  state: topUpState,
  /** Why it is looked at, or what came beside. */
  note: z.nullable(z.string()),
  /** Where it is paid by card; whoever opens it can pay. */
  url: z.nullable(z.string()),
  /** Where coins are sent, and just how many. */
  address: z.nullable(z.string()),
  coins: z.nullable(z.string()),
  /** Until when it can be paid. */
  expiresAt: instant,
  createdAt: instant,
})
export type TopUp = z.infer<typeof topUp>

/** A top-up that waits for a person. */
export const review = z.object({
  id: id('topup'),
  account: z.string(),
  email: z.nullable(z.string()),
  /** What was ordered. */
  cents: z.int(),
  method: z.enum(['card', 'crypto', 'manual']),
  chain: z.nullable(chain),
  coins: z.nullable(z.string()),
  /** What came, in words. */
  note: z.nullable(z.string()),
  /** What it is called at who takes the payment. */
  reference: z.nullable(z.string()),
  since: instant,
})
export type Review = z.infer<typeof review>
