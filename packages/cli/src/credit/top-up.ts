import { randomUUID } from 'node:crypto'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Chain, showTopUp, type TopUp, topUpCredit } from '@spoq/contracts/credit'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { watch } from '../machine/watch.ts'
import { startProgress } from '../progress.ts'
import { lead } from '../subscription/pay.ts'
import { agreed } from './wish.ts'

interface Buying {
  dollars: string
  crypto?: Chain | undefined
  yes: boolean
  /** False: answers as soon as there is somewhere to pay. */
  wait: boolean
}

/** Has credit paid for. For errors see the routes, `agreed` and `waitUntilPaid`. */
export async function topUp(context: Context, backend: Target, buying: Buying): Promise<TopUp> {
  const body = await agreed(context, buying)
  const begun = await call(backend, topUpCredit, { body, idempotencyKey: randomUUID() })
  if (buying.wait || !context.json) show(context, begun)
  return buying.wait ? waitUntilPaid(context, backend, begun) : begun
}

/** Where it is paid. */
function show(context: Context, { url, address, coins, chain, expiresAt }: TopUp): void {
  if (url) lead(context, 'Pay here', url)
  if (!address) return
  const minutes = Math.max(1, Math.round((Date.parse(expiresAt) - context.now()) / 60_000))
  console.error(`Send exactly ${coins} ${chain} to ${address} within ${minutes} min, all at once.`)
}

/**
 * Waits until it is paid. Ctrl-C ends the waiting, nothing else: it can be paid all the same.
 * @throws SpoqError `interrupted`; `top_up_unpaid` when it will not be credit.
 */
async function waitUntilPaid(context: Context, backend: Target, begun: TopUp): Promise<TopUp> {
  const progress = await startProgress(context)
  const message = 'It can still be paid there; nothing is charged until then.'
  const next = `See whether it is: ${context.bin} credit balance.`
  try {
    progress.step(begun.chain ? 'Waiting for the payment and its confirmations' : 'Waiting for the payment')
    return await watch({ message, next }, async signal => {
      const seen = await call(backend, showTopUp, { params: { topUp: begun.id }, signal })
      if (seen.state === 'paid') return seen
      if (seen.state !== 'waiting') throw unpaid(context, seen)
      return undefined
    })
  } finally {
    progress.stop()
  }
}

function unpaid({ bin }: Context, { state, note, id }: TopUp): SpoqError {
  if (state === 'review')
    return new SpoqError('top_up_unpaid', {
      message: `Something came, but ${note ?? 'not what was asked for'}. Nothing is lost.`,
      next: `Whoever runs this server looks at it: name it by ${id}.`,
    })
  const message = state === 'expired' ? 'It was not paid in time; nothing was charged.' : 'The payment failed.'
  return new SpoqError('top_up_unpaid', { message, next: `Begin again: ${bin} credit top-up.` })
}
