// The one place that says no for a plan, wherever a limit bites.

import type { Plan, PlanLimits } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { allPlans } from './table.ts'

/** What is counted, in words: one of them, and several. */
const counted = {
  machines: ['machine', 'machines'],
  messages: ['message a month', 'messages a month'],
  messagesOnCredit: ['message a month on Spoq credit', 'messages a month on Spoq credit'],
  skills: ['skill beside the core ones', 'skills beside the core ones'],
  subAgents: ['sub-agent', 'sub-agents'],
  seats: ['seat', 'seats'],
  profiles: ['profile a machine', 'profiles a machine'],
  devicesPerProfile: ['device a profile', 'devices a profile'],
  devices: ['device', 'devices'],
} as const

export type MachineSize = NonNullable<PlanLimits['machine']>
export type CountedLimit = keyof typeof counted

/** What somebody wants: so many of something, or something that plans have or not. */
export type Wish =
  | { [L in CountedLimit]: { limit: L; count: number } }[CountedLimit]
  | { limit: 'hardware'; on: PlanLimits['hardware'][number] }
  | { limit: 'customDomains' }
  | { limit: 'machine'; size: MachineSize }

/** Whether a plan allows it. `count` is how many there would be then. */
export const isWithin = ({ limits }: Plan, wish: Wish): boolean => allows(limits, wish)

/**
 * The same for who goes on only then.
 * @throws SpoqError `plan_limit`, with the cheapest plan that allows it.
 */
export function assertWithin(plan: Plan, wish: Wish): void {
  if (isWithin(plan, wish)) return
  const message = `The plan ${plan.title} ${includes(plan.limits, wish)}.`
  throw new SpoqError('plan_limit', { message, next: nextTo(wish) })
}

/** The most that a plan has of something, and how to get more, for who has to say no elsewhere; null: it has any number. */
export function mostOf({ limits }: Plan, limit: CountedLimit): { most: number; next: string } | null {
  const most = limits[limit]
  return most === null ? null : { most, next: nextTo({ limit, count: most + 1 }) }
}

/** The cheapest plan that allows it, and how to get that. */
function nextTo(wish: Wish): string {
  const better = allPlans.find(({ limits }) => allows(limits, wish))
  if (!better) return 'No plan has more: ask whoever runs this server.'
  return `${better.title} ${includes(better.limits, wish)}: run spoq subscribe --plan ${better.name}.`
}

function allows(limits: PlanLimits, wish: Wish): boolean {
  if (wish.limit === 'hardware') return limits.hardware.includes(wish.on)
  if (wish.limit === 'customDomains') return limits.customDomains
  if (wish.limit === 'machine') return limits.machine === null || fits(wish.size, limits.machine)
  const most = limits[wish.limit]
  return most === null || wish.count <= most
}

const fits = (size: MachineSize, most: MachineSize) =>
  size.cpus <= most.cpus && size.memoryMb <= most.memoryMb && size.diskGb <= most.diskGb

function includes(limits: PlanLimits, wish: Wish): string {
  if (wish.limit === 'hardware')
    return `has machines on ${limits.hardware.map(one => hardwareInWords[one]).join(' or ')}`
  if (wish.limit === 'customDomains') return limits.customDomains ? 'has custom domains' : 'has no custom domains'
  if (wish.limit === 'machine') return `has machines ${sizeInWords(limits.machine)}`
  const most = limits[wish.limit]
  const [one, several] = counted[wish.limit]
  return most === null ? `has any number of ${several}` : `has ${most} ${most === 1 ? one : several}`
}

const sizeInWords = (most: MachineSize | null) =>
  most === null
    ? 'of any size'
    : `of up to ${most.cpus} CPUs, ${most.memoryMb} MB of memory and ${most.diskGb} GB of disk`

const hardwareInWords = { fleet: 'the fleet', rented: 'servers of their own' } as const
