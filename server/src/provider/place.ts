// Where a machine is made and how large: as it was asked for, else the cheapest that is large enough. Pure.

import type { Plan } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import type { Catalog, Size } from '@spoq/providers'
import type { AskedPlace, Place } from '../machine/ports.ts'
import { assertWithin, type MachineSize } from '../plan/limit.ts'

/** What a Conductor and a small project need: where a plan says nothing of a machine's size. */
export const usualSize: MachineSize = { cpus: 1, memoryMb: 2_048, diskGb: 10 }

/** Some providers count a little less memory. */
const enough = 0.92

/**
 * `plan`: whose machines are at least so large, and no larger than that takes; null: none limits it.
 * @throws SpoqError `region_unknown`, `size_unknown`, `price_changed`, each with what there is; `plan_limit`.
 */
export function choosePlace(catalog: Catalog, asked: AskedPlace, plan: Plan | null): Place {
  const need = plan?.limits.machine ?? usualSize
  const { regions } = catalog
  if (asked.region !== undefined && !regions.some(({ id }) => id === asked.region))
    throw new SpoqError('region_unknown', {
      message: `There is no region ${asked.region}.`,
      next: `Choose one of: ${named(regions)}.`,
    })
  const fitting = places(catalog)
    .filter(({ region }) => asked.region === undefined || region === asked.region)
    .filter(({ size }) => (asked.size === undefined ? isEnough(size, need) : size.id === asked.size))
    .sort(byPrice)
  const [best] = fitting
  if (!best) throw noSize(catalog, asked)
  if (plan && asked.size !== undefined && !isIncluded(best, catalog, need))
    assertWithin(plan, { limit: 'machine', size: best.size })
  if (asked.centsMonthly !== undefined && asked.centsMonthly !== best.price.centsMonthly)
    throw new SpoqError('price_changed', {
      message: `${best.size.id} in ${best.region} costs ${inWords(best.price)} by now.`,
    })
  return { region: best.region, size: best.size.id, price: best.price }
}

interface Offered {
  region: string
  size: Size
  price: Place['price']
}

const places = ({ sizes }: Catalog): Offered[] =>
  sizes.flatMap(size =>
    size.prices.map(({ region, centsMonthly, currency }) => ({ region, size, price: { centsMonthly, currency } })),
  )

const isEnough = (size: Size, need: MachineSize) =>
  size.cpus >= need.cpus && size.memoryMb >= need.memoryMb * enough && size.diskGb >= need.diskGb

/** Whether it costs no more than the cheapest there that is enough: the smallest server may be larger than a plan needs. */
function isIncluded({ region, price }: Offered, catalog: Catalog, need: MachineSize): boolean {
  const there = places(catalog).filter(one => one.region === region && isEnough(one.size, need))
  const cheapest = Math.min(...there.map(one => one.price.centsMonthly))
  return price.centsMonthly > 0 && price.centsMonthly <= cheapest
}

/** The same choice at every look: by price, then larger memory (what costs nothing: smaller), then by name. */
const byPrice = (a: Offered, b: Offered) =>
  a.price.centsMonthly - b.price.centsMonthly ||
  (a.price.centsMonthly === 0 ? a.size.memoryMb - b.size.memoryMb : b.size.memoryMb - a.size.memoryMb) ||
  a.region.localeCompare(b.region) ||
  a.size.id.localeCompare(b.size.id)

function noSize({ sizes }: Catalog, { region, size }: AskedPlace): SpoqError {
  const there = sizes.filter(({ prices }) => region === undefined || prices.some(one => one.region === region))
  const where = region === undefined ? '' : ` in ${region}`
  return new SpoqError('size_unknown', {
    message: size === undefined ? `No size${where} is large enough.` : `There is no size ${size}${where}.`,
    next: there.length > 0 ? `There are: ${named(there)}.` : 'Choose another region.',
  })
}

const named = (all: readonly { id: string }[]) => all.map(({ id }) => id).join(', ')
const inWords = ({ centsMonthly, currency }: Place['price']) => `${(centsMonthly / 100).toFixed(2)} ${currency} a month`
