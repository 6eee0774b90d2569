import * as z from 'zod/mini'
import type { Catalog, Size } from '../provider.ts'
import type { Hostinger } from './options.ts'
import { plans } from './plans.ts'

const dataCenters = z.array(
  z.object({
    id: z.number(),
    name: z.nullish(z.string()),
    location: z.nullish(z.string()),
    city: z.nullish(z.string()),
  }),
)
const items = z.array(
  z.object({
    name: z.string(),
    prices: z.array(
      z.object({
        id: z.string(),
        currency: z.string(),
        price: z.number(),
        first_period_price: z.number(),
        period: z.number(),
        period_unit: z.string(),
      }),
    ),
  }),
)
type Item = z.infer<typeof items>[number]

/** Data centres, and what is sold by the month. It costs the same everywhere; a lower first price is left out. */
export async function catalog({ api }: Hostinger): Promise<Catalog> {
  const centers = await api.ask(dataCenters, 'GET', '/api/vps/v1/data-centers')
  const sold = await api.ask(items, 'GET', '/api/billing/v1/catalog', { query: { category: 'VPS' } })
  const regions = centers.map(({ id, name, location, city }) => ({
    id: String(id),
    name: city ?? name ?? String(id),
    country: location ? location.toUpperCase() : null,
  }))
  return { regions, sizes: sold.flatMap(item => sizesOf(item, regions)) }
}

/** A size is a price's id: that is what is ordered. */
function sizesOf({ name, prices }: Item, regions: Catalog['regions']): Size[] {
  const plan = plans.get(name)
  if (!plan) return []
  const monthly = prices.filter(({ period, period_unit }) => period === 1 && period_unit === 'month')
  return monthly.map(({ id, currency, price, first_period_price }) => ({
    id,
    ...plan,
    prices: regions.map(region => ({
      region: region.id,
      centsMonthly: Math.max(price, first_period_price),
      currency: currency.toUpperCase(),
    })),
  }))
}
