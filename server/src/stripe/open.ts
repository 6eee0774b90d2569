// Stripe's own SDK, as we use it: one API version, no telemetry, an address that can be replaced.

import Stripe from 'stripe'

export type { Stripe }

/** What it answers is read as this version has it; webhooks are made in that of their endpoint, so objects are read again. */
export const apiVersion = '2026-10-28.endive'

/** Opens a client. It asks again by itself after a lost answer, with the same key. */
export function openStripe({ key, url }: { key: string; url: string }): Stripe {
  const { protocol, hostname, port } = new URL(url)
  return new Stripe(key, {
    apiVersion,
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port ? { port } : {}),
    maxNetworkRetries: 2,
    timeout: 20_000,
    telemetry: false,
    appInfo: { name: 'Spoq' },
  })
}
