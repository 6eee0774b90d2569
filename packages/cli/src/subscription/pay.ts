// Leads a person to where something is paid, and waits until it is.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { type Subscription, showSubscription } from '@spoq/contracts/subscription'
import type { Context } from '../context.ts'
import { canOpenBrowser, openBrowser } from '../login/browser.ts'
import { watch } from '../machine/watch.ts'
import { startProgress } from '../progress.ts'

/** Shows an address, and opens it where somebody sits in front of this computer. The rest is for stdout alone. */
export function lead(context: Context, what: string, url: string): void {
  console.error(`${what}: ${url}`)
  if (canOpenBrowser(context.terminal, process.env)) openBrowser(url)
}

/**
 * Waits until a subscription is paid. Ctrl-C ends the waiting, nothing else: it can be paid all the same.
 * @throws SpoqError `interrupted`; `subscription_state` when it can no longer be paid there.
 */
export async function waitUntilPaid(context: Context, backend: Target, begun: Subscription): Promise<Subscription> {
  const progress = await startProgress(context)
  const message = 'It can still be paid there; nothing is charged until then.'
  const next = `See whether it is: ${context.bin} subscription show.`
  try {
    progress.step('Waiting for the payment')
    return await watch({ message, next }, async signal => {
      const { subscription } = await call(backend, showSubscription, { signal })
      if (subscription?.state === 'active' || subscription?.state === 'trialing') return subscription
      const isOver = context.now() >= Date.parse(begun.checkout?.expiresAt ?? '')
      if (isOver || (subscription?.checkout && subscription.checkout.url !== begun.checkout?.url))
        throw new SpoqError('subscription_state', {
          message: isOver ? 'It was not paid in time; nothing was charged.' : 'Another one was begun meanwhile.',
          next: `Begin again: ${context.bin} subscribe.`,
        })
      return undefined
    })
  } finally {
    progress.stop()
  }
}
