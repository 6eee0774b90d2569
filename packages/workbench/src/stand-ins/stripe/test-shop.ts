// What the tests of the stand-in share: the official SDK on it, with a plan for sale.

import Stripe from 'stripe'
import { pinnedVersion as pinned, type StripeOptions, startStripe } from './index.ts'

export { pinned }

/** 1 January 2026, 12:00 UTC. */
export const newYear = Date.UTC(2026, 0, 1, 12)

export async function openShop(options: StripeOptions = {}) {
  const time = { now: newYear }
  const stripe = await startStripe({ now: () => time.now, attemptMs: 1_000, slowMs: 100, ...options })
  const sdk = sdkOf(stripe.url, stripe.key)
  const product = await sdk.products.create({ name: 'Pro' })
  const price = (lookup_key: string, unit_amount: number, interval: 'month' | 'year' = 'month') =>
    sdk.prices.create({ product: product.id, currency: 'usd', unit_amount, recurring: { interval }, lookup_key })
  const prices = {
    basic: await price('basic_monthly', 1_500),
    basicYearly: await price('basic_yearly', 15_000, 'year'),
    pro: await price('pro_monthly', 2_900),
    team: await price('team_monthly', 7_900),
  }
  return { time, stripe, sdk, prices }
}

export function sdkOf(url: string, key: string, config: object = {}): Stripe {
  const { hostname, port } = new URL(url)
  return new Stripe(key, {
    host: hostname,
    port,
    protocol: 'http',
    apiVersion: pinned,
    maxNetworkRetries: 0,
    telemetry: false,
    ...config,
  })
}
