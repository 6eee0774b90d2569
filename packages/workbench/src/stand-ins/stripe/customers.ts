// Customers: who pays, and with what by default.

import type Stripe from 'stripe'
import * as z from 'zod'
import { found, refuse } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, clearable, merged, metadata, pages, text } from './shape.ts'
import { end } from './subscription-status.ts'
import { change, newId, type World } from './world.ts'

const address = z.strictObject({
  city: clearable.optional(),
  country: clearable.optional(),
  line1: clearable.optional(),
  line2: clearable.optional(),
  postal_code: clearable.optional(),
  state: clearable.optional(),
})
const fields = {
  email: clearable.max(512).optional(),
  name: clearable.optional(),
  description: clearable.optional(),
  phone: clearable.optional(),
  metadata: metadata.optional(),
  address: z.union([z.literal(''), address]).optional(),
  invoice_settings: z.strictObject({ default_payment_method: clearable.optional() }).optional(),
}
const createAsk = ask({ ...fields, payment_method: text.optional() })
const updateAsk = ask(fields)

export function makeCustomer(world: World, asked: z.infer<typeof createAsk>): Stripe.Customer {
  const customer: Stripe.Customer = {
    id: newId('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: world.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: newId('x').slice(2, 10).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  }
  alter(world, customer, asked)
  world.customers.set(customer.id, customer)
  world.emit('customer.created', customer)
  return customer
}

/** Its subscriptions end with it; what was paid stays. */
function remove(world: World, id: string): Stripe.DeletedCustomer {
  const customer = found(world.customers, 'customer', id)
  for (const subscription of world.subscriptions.values())
    if (subscription.customer === id && !subscription.ended_at) end(world, subscription, 'cancellation_requested')
  world.customers.delete(id)
  const deleted = { id, object: 'customer', deleted: true } as const
  world.deletedCustomers.set(id, deleted)
  world.emit('customer.deleted', customer)
  return deleted
}

function alter(world: World, customer: Stripe.Customer, asked: z.infer<typeof updateAsk>): void {
  for (const field of ['email', 'name', 'description', 'phone'] as const)
    if (asked[field] !== undefined) customer[field] = asked[field] || null
  if (asked.address !== undefined) customer.address = addressOf(asked.address)
  customer.metadata = merged(customer.metadata, asked.metadata)
  const method = asked.invoice_settings?.default_payment_method
  if (method === undefined) return
  if (method !== '' && world.paymentMethods.get(method)?.customer !== customer.id)
    refuse(
      'The customer does not have a payment method with the ID ' +
        `${method}. The payment method must be attached to the customer.`,
      { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' },
    )
  customer.invoice_settings.default_payment_method = method || null
}

function addressOf(asked: '' | z.infer<typeof address>): Stripe.Address | null {
  if (asked === '') return null
  const of = (key: keyof typeof asked) => asked[key] || null
  return {
    city: of('city'),
    country: of('country'),
    line1: of('line1'),
    line2: of('line2'),
    postal_code: of('postal_code'),
    state: of('state'),
  }
}

export const customerRoutes = [
  route('POST', '/v1/customers', createAsk, ({ world, ask: asked }) => makeCustomer(world, asked)),
  route('GET', '/v1/customers', ask({ email: text.optional(), ...pages }), ({ world, ask: asked, path }) =>
    page(
      [...world.customers.values()].filter(({ email }) => asked.email === undefined || email === asked.email),
      asked,
      path,
    ),
  ),
  route(
    'GET',
    '/v1/customers/{id}',
    ask({}),
    ({ world, id }) => world.deletedCustomers.get(id) ?? found(world.customers, 'customer', id),
  ),
  route('DELETE', '/v1/customers/{id}', ask({}), ({ world, id }) => remove(world, id)),
  route('POST', '/v1/customers/{id}', updateAsk, ({ world, id, ask: asked }) =>
    change(world, found(world.customers, 'customer', id), 'customer.updated', customer =>
      alter(world, customer, asked),
    ),
  ),
]
