import * as z from 'zod/mini'
import type { Catalog } from '../provider.ts'
import { centsOf } from '../shared/cents.ts'
import type { Vultr } from './options.ts'
import { isForMachines } from './order.ts'
import { meta, pages } from './pages.ts'

const region = z.object({ id: z.string(), city: z.string(), country: z.string() })
const plan = z.object({
  id: z.string(),
  vcpu_count: z.number(),
  ram: z.number(),
  disk: z.number(),
  disk_count: z.number(),
  monthly_cost: z.number(),
  locations: z.array(z.string()),
})

/** Regions, and the plans that a machine can be. Prices are in US dollars, without taxes. */
export async function catalog(vultr: Vultr): Promise<Catalog> {
  const regionShape = z.object({ regions: z.array(region), meta })
  const regions = await pages(vultr, '/regions', regionShape, answer => answer.regions)
  const plans = await pages(vultr, '/plans', z.object({ plans: z.array(plan), meta }), answer => answer.plans)
  return {
    regions: regions.map(({ id, city, country }) => ({ id, name: city, country })),
    sizes: plans
      .filter(({ id }) => isForMachines(id))
      .map(({ id, vcpu_count, ram, disk, disk_count, monthly_cost, locations }) => ({
        id,
        cpus: vcpu_count,
        memoryMb: ram,
        diskGb: disk * disk_count,
        prices: locations.map(at => ({ region: at, centsMonthly: centsOf(monthly_cost), currency: 'USD' })),
      })),
  }
}
