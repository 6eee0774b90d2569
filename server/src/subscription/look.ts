// What time does to subscriptions, and what is asked of Stripe though no event told of it.

import type { Database } from '../db/open.ts'
import { textOf } from '../log.ts'
import { type Repeated, repeat } from '../repeat.ts'
import { touch } from '../webhook/store.ts'
import { apply } from './apply.ts'
import type { SubscriptionPorts } from './ports.ts'
import { listDue, listUnread } from './store.ts'

/** An event may be lost for ever: each subscription is read once a day. */
const unreadMs = 86_400_000

/** Looks now and after each `everyMs`; one backend at a time does. */
export function openSubscriptions(
  ports: SubscriptionPorts,
  unlessLocked: Database['unlessLocked'],
  everyMs = 60_000,
): Repeated {
  const looks = repeat({ name: 'subscription', everyMs, log: ports.log }, () =>
    unlessLocked('subscription', () => lookAtSubscriptions(ports)),
  )
  looks.wake()
  return looks
}

export async function lookAtSubscriptions(ports: SubscriptionPorts): Promise<void> {
  const { db, log, now } = ports
  for (const { id } of await listDue(db, now()))
    await apply(ports, id, null).catch(error =>
      log('error', 'subscription.failed', { subscription: id, error: textOf(error) }),
    )
  if (!ports.stripe) return
  for (const { stripe_id } of await listUnread(db, now() - unreadMs))
    if (stripe_id) await touch(db, 'subscription', stripe_id, now())
}
