import { SpoqError } from '@spoq/contracts/problem'
import * as routes from '@spoq/contracts/subscription'
import type { Serve } from '../http/serve.ts'
import { addPaymentMethod, listInvoices, listPaymentMethods, openPortal, setDefaultPaymentMethod } from './billing.ts'
import { cancel, change, resume } from './change.ts'
import type { Selling, SubscriptionPorts } from './ports.ts'
import { preview } from './preview.ts'
import { toSubscription } from './shape.ts'
import { findOf } from './store.ts'
import { subscribe } from './subscribe.ts'

export function registerSubscriptions(serve: Serve, ports: SubscriptionPorts): void {
  const selling = (): Selling => {
    const { stripe } = ports
    if (!stripe) throw new SpoqError('billing_off')
    return { ...ports, stripe }
  }
  serve.account(routes.showSubscription, async (_, { account }) => {
    const row = await findOf(ports.db, account)
    return { subscription: row ? toSubscription(row) : null, card: ports.stripe !== null }
  })
  serve.account(routes.previewSubscription, ({ query }, { account }) => preview(selling(), account, query))
  serve.account(routes.subscribe, ({ body }, asker) => subscribe(selling(), asker, body))
  serve.account(routes.changeSubscription, ({ body }, asker) => change(selling(), asker, body))
  serve.account(routes.cancelSubscription, (_, asker) => cancel(selling(), asker))
  serve.account(routes.resumeSubscription, (_, asker) => resume(selling(), asker))
  serve.account(routes.openPortal, (_, asker) => openPortal(selling(), asker))
  serve.account(routes.listInvoices, async (_, { account }) => ({ invoices: await listInvoices(selling(), account) }))
  serve.account(routes.listPaymentMethods, async (_, { account }) => ({
    paymentMethods: await listPaymentMethods(selling(), account),
  }))
  serve.account(routes.addPaymentMethod, (_, asker) => addPaymentMethod(selling(), asker))
  serve.account(routes.setDefaultPaymentMethod, async ({ params }, { account }) => ({
    paymentMethods: await setDefaultPaymentMethod(selling(), account, params.payment),
  }))
}
