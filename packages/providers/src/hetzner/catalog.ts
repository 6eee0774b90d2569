import * as z from 'zod/mini'
import type { Catalog, Size } from '../provider.ts'
import { everyPage } from '../shared/pages.ts'
import type { Hetzner } from './options.ts'
import { meta } from './server.ts'

const location = z.object({ name: z.string(), city: z.string(), country: z.string() })
const serverType = z.object({
  name: z.string(),
  cores: z.number(),
  memory: z.number(),
  disk: z.number(),
  architecture: z.string(),
  locations: z.array(z.object({ name: z.string(), deprecation: z.nullable(z.unknown()) })),
  prices: z.array(z.object({ location: z.string(), price_monthly: z.object({ gross: z.string() }) })),
})
type ServerType = z.infer<typeof serverType>

/** Locations, and the types that run the image: x86. Prices are in euro, taxes included. */
export async function catalog(hetzner: Hetzner): Promise<Catalog> {
  const locations = await everyPage(1, async page => {
    const shape = z.object({ locations: z.array(location), meta })
    const answer = await hetzner.api.ask(shape, 'GET', '/locations', { query: { page, per_page: 50 } })
    return { items: answer.locations, next: answer.meta.pagination.next_page }
  })
  const types = await everyPage(1, async page => {
    const shape = z.object({ server_types: z.array(serverType), meta })
    const answer = await hetzner.api.ask(shape, 'GET', '/server_types', { query: { page, per_page: 50 } })
    return { items: answer.server_types, next: answer.meta.pagination.next_page }
  })
  return {
    regions: locations.map(({ name, city, country }) => ({ id: name, name: city, country })),
    sizes: types.filter(({ architecture }) => architecture === 'x86').map(sizeOf),
  }
}

/** Where it is being withdrawn nobody begins with it. */
function sizeOf({ name, cores, memory, disk, locations, prices }: ServerType): Size {
  const offered = new Set(locations.filter(({ deprecation }) => !deprecation).map(one => one.name))
  return {
    id: name,
    cpus: cores,
    memoryMb: memory * 1024,
    diskGb: disk,
    prices: prices
      .filter(({ location: region }) => offered.has(region))
      .map(({ location: region, price_monthly: { gross } }) => ({
        region,
        centsMonthly: Math.ceil(Number(gross) * 100),
        currency: 'EUR',
      })),
  }
}
