// Plans in words.

import type { Plan, PlanSource } from '@spoq/contracts/plan'
import { memoryInWords } from '../machine/quote.ts'
import { table } from '../output.ts'

const count = (most: number | null) => (most === null ? 'any' : String(most))
const dollars = (cents: number) => `$${cents % 100 === 0 ? cents / 100 : (cents / 100).toFixed(2)}`

const price = (cents: number | null) => (cents === null ? '-' : dollars(cents))

/** A column for each plan, a row for each thing that differs. `mine` is marked. */
export function plansTable(plans: readonly Plan[], mine: string | null): string {
  const rows: [string, (plan: Plan) => string][] = [
    ['a month', plan => price(plan.price.month)],
    ['a year', plan => price(plan.price.year)],
    ['machines', ({ limits }) => count(limits.machines)],
    ['on', ({ limits }) => limits.hardware.map(one => (one === 'fleet' ? 'fleet' : 'server')).join(', ')],
    ['  CPUs', ({ limits }) => count(limits.machine?.cpus ?? null)],
    ['  memory', ({ limits }) => (limits.machine ? memoryInWords(limits.machine.memoryMb) : 'any')],
    ['  disk', ({ limits }) => (limits.machine ? `${limits.machine.diskGb} GB` : 'any')],
    ['messages a month', ({ limits }) => count(limits.messages)],
    ['  on Spoq credit', ({ limits }) => count(limits.messagesOnCredit)],
    ['skills', ({ limits }) => count(limits.skills)],
    ['sub-agents', ({ limits }) => count(limits.subAgents)],
    ['seats', ({ limits }) => count(limits.seats)],
    ['custom domains', ({ limits }) => (limits.customDomains ? 'yes' : 'no')],
    ['daily backups', ({ limits }) => `${limits.backupDays} days`],
    ['profiles', ({ limits }) => count(limits.profiles)],
    ['devices', ({ limits }) => count(limits.devices)],
    ['unused', ({ limits }) => (limits.idleMinutes === null ? 'always on' : `sleeps (${limits.idleMinutes} min)`)],
    ['availability', ({ availability }) => availability],
  ]
  const head = plans.map(({ name }) => (name === mine ? `${name.toUpperCase()} *` : name.toUpperCase()))
  return table(
    ['', ...head],
    rows.map(([what, of]) => [what, ...plans.map(of)]),
  )
}

/** Why somebody has a plan. */
export const sourceInWords: Record<PlanSource, string> = {
  default: 'as everybody has it here',
  bought: 'subscribed',
  given: 'given by whoever runs this server',
}
