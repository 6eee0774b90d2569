import * as z from 'zod/mini'
import type { Catalog } from '../provider.ts'
import { centsOf } from '../shared/cents.ts'
import type { DigitalOcean } from './options.ts'
import { links, pages } from './pages.ts'

const region = z.object({ slug: z.string(), name: z.string(), available: z.boolean() })
const size = z.object({
  slug: z.string(),
  memory: z.number(),
  vcpus: z.number(),
  disk: z.number(),
  price_monthly: z.number(),
  regions: z.array(z.string()),
  available: z.boolean(),
  gpu_info: z.optional(z.unknown()),
})

/** Regions and sizes that take new droplets, those with a GPU left out. Prices are in US dollars, without taxes. */
export async function catalog(cloud: DigitalOcean): Promise<Catalog> {
  const regionShape = z.object({ regions: z.array(region), links })
  const all = await pages(cloud, '/v2/regions', regionShape, answer => answer.regions)
  const regions = all.filter(({ available }) => available)
  const sizeShape = z.object({ sizes: z.array(size), links })
  const sizes = await pages(cloud, '/v2/sizes', sizeShape, answer => answer.sizes)
  const isOpen = new Set(regions.map(({ slug }) => slug))
  return {
    regions: regions.map(({ slug, name }) => ({ id: slug, name, country: null })),
    sizes: sizes
      .filter(({ slug, available, gpu_info }) => available && !gpu_info && !slug.startsWith('gpu-'))
      .map(one => ({
        id: one.slug,
        cpus: one.vcpus,
        memoryMb: one.memory,
        diskGb: one.disk,
        prices: one.regions
          .filter(slug => isOpen.has(slug))
          .map(slug => ({ region: slug, centsMonthly: centsOf(one.price_monthly), currency: 'USD' })),
      })),
  }
}
