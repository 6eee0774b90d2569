// Products and their prices, which the backend finds by lookup keys.

import type Stripe from 'stripe'
import * as z from 'zod'
import { found, refuse } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, clearable, currency, flag, int, list, merged, metadata, pages, recurring, text } from './shape.ts'
import { change, decimal, newId, type World } from './world.ts'

const productFields = { name: text, description: clearable.optional(), metadata: metadata.optional() }
export const productData = z.strictObject({ ...productFields, unit_label: text.optional(), tax_code: text.optional() })
const createProduct = ask({ ...productFields, id: text.optional(), active: flag.optional() })
const behavior = z.enum(['exclusive', 'inclusive', 'unspecified']).optional()
const createPrice = ask({
  currency,
  product: text.optional(),
  product_data: z.strictObject({ name: text, metadata: metadata.optional() }).optional(),
  unit_amount: int,
  recurring: recurring.optional(),
  lookup_key: text.max(200).optional(),
  transfer_lookup_key: flag.optional(),
  nickname: text.optional(),
  active: flag.optional(),
  metadata: metadata.optional(),
  tax_behavior: behavior,
})
/** A price that is made where it is used. */
export const priceData = z.strictObject({
  currency,
  product: text.optional(),
  product_data: productData.optional(),
  unit_amount: int,
  recurring: recurring.optional(),
  tax_behavior: behavior,
})

export function makeProduct(world: World, asked: z.infer<typeof createProduct>): Stripe.Product {
  const product: Stripe.Product = {
    id: asked.id ?? newId('prod'),
    object: 'product',
    active: asked.active ?? true,
    created: world.now(),
    default_price: null,
    description: asked.description || null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: merged({}, asked.metadata),
    name: asked.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: world.now(),
    url: null,
  }
  if (world.products.has(product.id))
    refuse(`Product already exists.`, { code: 'resource_already_exists', param: 'id' })
  world.products.set(product.id, product)
  world.emit('product.created', product)
  return product
}

type PriceAsk = Omit<z.infer<typeof createPrice>, 'product_data' | 'expand'> & {
  product_data?: z.infer<typeof productData> | undefined
}

export function makePrice(world: World, asked: PriceAsk, active = true): Stripe.Price {
  if ((asked.product === undefined) === (asked.product_data === undefined))
    refuse('You must specify either `product` or `product_data`.', { code: 'parameter_missing', param: 'product' })
  const product = asked.product
    ? found(world.products, 'product', asked.product, 'product')
    : makeProduct(world, { name: asked.product_data?.name ?? '', metadata: asked.product_data?.metadata })
  takeKey(world, asked)
  const price: Stripe.Price = {
    id: newId('price'),
    object: 'price',
    active,
    billing_scheme: 'per_unit',
    created: world.now(),
    currency: asked.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: asked.lookup_key ?? null,
    metadata: merged({}, asked.metadata),
    nickname: asked.nickname ?? null,
    product: product.id,
    recurring: asked.recurring
      ? {
          interval: asked.recurring.interval,
          interval_count: asked.recurring.interval_count ?? 1,
          meter: null,
          trial_period_days: null,
          usage_type: 'licensed',
        }
      : null,
    tax_behavior: asked.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: asked.recurring ? 'recurring' : 'one_time',
    unit_amount: asked.unit_amount,
    unit_amount_decimal: decimal(asked.unit_amount),
  }
  world.prices.set(price.id, price)
  world.emit('price.created', price)
  return price
}

/** A lookup key is of one price; it goes over only when that is asked for. */
function takeKey(world: World, asked: { lookup_key?: string | undefined; transfer_lookup_key?: boolean | undefined }) {
  if (asked.lookup_key === undefined) return
  const holder = [...world.prices.values()].find(({ lookup_key }) => lookup_key === asked.lookup_key)
  if (!holder) return
  if (!asked.transfer_lookup_key)
    refuse(`A price (\`${holder.id}\`) already uses that lookup key.`, {
      code: 'resource_already_exists',
      param: 'lookup_key',
    })
  change(world, holder, 'price.updated', price => {
    price.lookup_key = null
  })
}

const updatePrice = ask({
  active: flag.optional(),
  nickname: clearable.optional(),
  metadata: metadata.optional(),
  lookup_key: text.optional(),
  transfer_lookup_key: flag.optional(),
})
const listPrices = ask({
  active: flag.optional(),
  lookup_keys: list(text).optional(),
  product: text.optional(),
  currency: currency.optional(),
  type: z.enum(['one_time', 'recurring']).optional(),
  ...pages,
})

export const priceRoutes = [
  route('POST', '/v1/products', createProduct, ({ world, ask: asked }) => makeProduct(world, asked)),
  route('GET', '/v1/products', ask({ active: flag.optional(), ...pages }), ({ world, ask: asked, path }) =>
    page(
      [...world.products.values()].filter(({ active }) => asked.active === undefined || active === asked.active),
      asked,
      path,
    ),
  ),
  route('GET', '/v1/products/{id}', ask({}), ({ world, id }) => found(world.products, 'product', id)),
  route('POST', '/v1/prices', createPrice, ({ world, ask: asked }) => makePrice(world, asked, asked.active)),
  route('GET', '/v1/prices', listPrices, ({ world, ask: asked, path }) => {
    if ((asked.lookup_keys?.length ?? 0) > 10)
      refuse('You may only specify up to 10 lookup keys.', { param: 'lookup_keys' })
    const fits = (price: Stripe.Price) =>
      (asked.active === undefined || price.active === asked.active) &&
      (asked.lookup_keys === undefined || asked.lookup_keys.includes(price.lookup_key ?? '')) &&
      (asked.product === undefined || price.product === asked.product) &&
      (asked.currency === undefined || price.currency === asked.currency) &&
      (asked.type === undefined || price.type === asked.type)
    return page([...world.prices.values()].filter(fits), asked, path)
  }),
  route('GET', '/v1/prices/{id}', ask({}), ({ world, id }) => found(world.prices, 'price', id)),
  route('POST', '/v1/prices/{id}', updatePrice, ({ world, id, ask: asked }) => {
    const price = found(world.prices, 'price', id)
    if (price.lookup_key !== asked.lookup_key) takeKey(world, asked)
    return change(world, price, 'price.updated', () => {
      if (asked.active !== undefined) price.active = asked.active
      if (asked.nickname !== undefined) price.nickname = asked.nickname || null
      if (asked.lookup_key !== undefined) price.lookup_key = asked.lookup_key
      price.metadata = merged(price.metadata, asked.metadata)
    })
  }),
]
