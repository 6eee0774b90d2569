import * as z from 'zod/mini'
import { ProviderError } from '../provider.ts'
import { unlessGone } from '../shared/gone.ts'
import type { Hostinger } from './options.ts'
import type { EndOf, Server } from './server.ts'

const shape = z.array(
  z.object({
    id: z.string(),
    is_auto_renewed: z.boolean(),
    expires_at: z.nullish(z.string()),
    next_billing_at: z.nullish(z.string()),
  }),
)

/** Asks for the contracts, and answers by them when a server's ends. */
export async function endings(hostinger: Hostinger): Promise<EndOf> {
  const all = await subscriptions(hostinger)
  return ({ subscription_id }) => {
    const found = all.find(({ id }) => id === subscription_id)
    if (!found) return null
    if (found.is_auto_renewed) return undefined
    const at = Date.parse(found.expires_at ?? found.next_billing_at ?? '')
    return Number.isNaN(at) ? '' : new Date(at).toISOString()
  }
}

const subscriptions = ({ api }: Hostinger) => api.ask(shape, 'GET', '/api/billing/v1/subscriptions')

/** Lets the contract end with what is paid for. */
export async function cancel(hostinger: Hostinger, { subscription_id: id }: Server): Promise<void> {
  if (!id || !/^\w[\w-]*$/.test(id))
    throw new ProviderError('retry', 'Hostinger does not say which subscription it is: cancel it in hPanel.')
  if ((await subscriptions(hostinger)).some(one => one.id === id && !one.is_auto_renewed)) return
  const path = `/api/billing/v1/subscriptions/${id}/auto-renewal/disable`
  await unlessGone(hostinger.api.tell('DELETE', path))
}
