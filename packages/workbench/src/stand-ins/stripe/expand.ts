// An object as it is answered: a copy, with what `expand` names put in place of its id.

import type { Json } from '../../official/schema.ts'
import { refuse } from './refusal.ts'
import { listOf, type Tables, type World } from './world.ts'

/** @throws StripeRefusal when a path names nothing that can be expanded. */
export function shown(world: World, object: object, expand: readonly string[] = []): Json {
  const copy = structuredClone(object) as Json
  for (const path of expand) {
    walk(world, copy, path.split('.'), path)
  }
  return copy
}

/** @throws StripeRefusal when a path is too deep; `data` counts. */
export function notTooDeep(expand: readonly string[] = []): void {
  const deep = expand.find(path => path.split('.').length > 4)
  if (deep) refuse(`You cannot expand more than 4 levels of a property (${deep}).`, { param: 'expand' })
}

function walk(world: World, at: Json, [step, ...rest]: string[], path: string): void {
  if (step === undefined) return
  const include = included(world, at)[step]
  if (include) at[step] = structuredClone(include())
  if (!(step in at)) cannot(path)
  const value = at[step]
  if (Array.isArray(value)) {
    at[step] = value.map(one => (typeof one === 'string' ? object(world, one, path) : one))
    for (const one of at[step] as Json[]) walk(world, one, rest, path)
    return
  }
  if (typeof value === 'string') at[step] = object(world, value, path)
  else if (value !== null && rest.length === 0 && !include && (typeof value !== 'object' || !('object' in value)))
    cannot(path)
  if (typeof at[step] === 'object' && at[step] !== null) walk(world, at[step] as Json, rest, path)
}

function object(world: World, id: string, path: string): Json {
  const known = byId(world, id)
  return known ? (structuredClone(known) as Json) : cannot(path)
}

const cannot = (path: string): never => refuse(`This property cannot be expanded (${path}).`, { param: `expand` })

/** Whatever has this id. */
export function byId(world: Tables, id: string): object | undefined {
  for (const table of [
    world.customers,
    world.products,
    world.prices,
    world.coupons,
    world.promotionCodes,
    world.discounts,
    world.paymentMethods,
    world.sessions,
    world.subscriptions,
    world.schedules,
    world.invoices,
    world.paymentIntents,
    world.setupIntents,
    world.charges,
    world.refunds,
    world.disputes,
    world.balanceTransactions,
  ]) {
    const object = table.get(id)
    if (object) return object
  }
  return undefined
}

/** What an object has only when it is asked for. */
function included(world: World, at: Json): Record<string, () => unknown> {
  const id = String(at.id)
  if (at.object === 'invoice')
    return {
      confirmation_secret: () => secretOf(world, id, at.status),
      payments: () => listOf(paymentsOf(world, id), `/v1/invoice_payments?invoice=${id}`),
    }
  if (at.object === 'checkout.session')
    return { line_items: () => listOf(world.lineItems.get(id) ?? [], `/v1/checkout/sessions/${id}/line_items`) }
  if (at.object === 'charge')
    return {
      refunds: () =>
        listOf(
          [...world.refunds.values()].filter(({ charge }) => charge === id),
          `/v1/charges/${id}/refunds`,
        ),
    }
  if (at.object === 'customer')
    return {
      subscriptions: () =>
        listOf(
          [...world.subscriptions.values()].filter(one => one.customer === id && one.status !== 'canceled'),
          `/v1/customers/${id}/subscriptions`,
        ),
    }
  return {}
}

function secretOf(world: World, invoice: string, status: unknown) {
  const intent = status === 'draft' ? undefined : paymentsOf(world, invoice)[0]?.payment.payment_intent
  const secret = world.paymentIntents.get(String(intent))?.client_secret
  return secret ? { client_secret: secret, type: 'payment_intent' } : null
}

const paymentsOf = (world: World, invoice: string) =>
  [...world.invoicePayments.values()].filter(payment => payment.invoice === invoice)
