import * as z from 'zod/mini'
import type { Catalog } from '../provider.ts'
import { everyPage } from '../shared/pages.ts'
import { nextOf, pageOf } from './instance.ts'
import type { Contabo } from './options.ts'
import { pricedRegion, products } from './products.ts'

const shape = pageOf(z.object({ regionSlug: z.string(), regionName: z.string(), capabilities: z.array(z.string()) }))

/** Regions with a data centre that has servers, where prices are known; and the products, which are a table here. */
export async function catalog({ api }: Contabo): Promise<Catalog> {
  const centers = await everyPage(1, async page => {
    const answer = await api.ask(shape, 'GET', '/v1/data-centers', { query: { page, size: 100 } })
    return { items: answer.data, next: nextOf(answer) }
  })
  const able = centers.filter(({ capabilities, regionSlug }) => capabilities.includes('VPS') && isPriced(regionSlug))
  const names = new Map(able.map(({ regionSlug, regionName }) => [regionSlug, regionName]))
  return { regions: [...names].map(([id, name]) => ({ id, name, country: null })), sizes: products }
}

const isPriced = (region: string) => region === pricedRegion
