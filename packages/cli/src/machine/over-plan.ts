// A machine may be larger than what the plan has that its account fell to.

import type { Machine } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { Offer } from '@spoq/contracts/provider'
import { sizeInWords } from './quote.ts'

/** What its owner is told of that; null: it is no larger, or nobody knows. A rented server may be larger than any plan says. */
export function overPlanInWords({ name, provider, size, price }: Machine, offers: Offer[], plan: Plan): string | null {
  const offer = offers.find(one => one.name === provider)
  const has = offer?.sizes.find(({ id }) => id === size)
  const { machine: most } = plan.limits
  if (!offer || !has || !most || (price?.centsMonthly ?? 0) > 0) return null
  if (has.cpus <= most.cpus && has.memoryMb <= most.memoryMb && has.diskGb <= most.diskGb) return null
  const fitting = offer.sizes.find(
    ({ cpus, memoryMb, diskGb }) => cpus === most.cpus && memoryMb === most.memoryMb && diskGb === most.diskGb,
  )
  const next =
    fitting && offer.can.includes('resize')
      ? `Make it smaller: spoq machine resize ${name} --size ${fitting.id}`
      : 'It stays so; the next one you make has the size of the plan.'
  return `It is larger (${sizeInWords(has)}) than a machine of Spoq ${plan.title} (${sizeInWords(most)}). ${next}`
}
