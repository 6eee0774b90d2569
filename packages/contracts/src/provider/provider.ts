import * as z from 'zod/mini'
import { dollarText } from '../credit/credit.ts'
import { price, providerName, templateName } from '../machine/machine.ts'
import { policyName, policyVersion } from '../policy/policy.ts'

/** What machines are used for, where providers differ in what they allow. */
export const workloads = ['general', 'torrent'] as const
export const workload = z.enum(workloads)
export type Workload = z.infer<typeof workload>

/** What not every provider can. */
export const providerCan = z.enum(['resize', 'snapshot', 'rotate-credentials'])

export const offeredSize = z.object({
  id: z.string(),
  cpus: z.number(),
  memoryMb: z.number(),
  diskGb: z.number(),
  /** Where it can be had, and for how much. */
  prices: z.array(z.object({ region: z.string(), ...price.shape })),
})
export type OfferedSize = z.infer<typeof offeredSize>

/** What a machine would cost: what would be chosen of what was left open. */
export const quote = z.object({
  provider: providerName,
  template: templateName,
  /** What it takes from credit; null: it is paid by the plan. */
  credit: z.nullable(
    z.object({
      daily: dollarText,
      /** How many whole days the credit is enough for, all that is paid from it taken together. */
      days: z.number(),
      /** So many it has to be enough for. */
      needed: z.number(),
      /** What is missing for that, in cents; 0: nothing. */
      missingCents: z.number(),
    }),
  ),
  /** What has to be accepted first; null: nothing. */
  policy: z.nullable(z.object({ name: policyName, version: policyVersion, isAccepted: z.boolean() })),
  /** Null where there is no choice, and nothing to pay. */
  place: z.nullable(
    z.object({ region: z.string(), regionName: z.string(), size: z.omit(offeredSize, { prices: true }), price }),
  ),
  deletes: z.enum(['now', 'at-period-end']),
  billsWhileOff: z.boolean(),
  /** How long the last ones there took until they could be used: their median. Null while there were none. */
  usualSeconds: z.nullable(z.number()),
})
export type Quote = z.infer<typeof quote>

/** What a server offers through one provider. */
export const offer = z.object({
  name: providerName,
  /** What a machine there can be set up as. */
  templates: z.array(templateName),
  /** What its terms allow. */
  workloads: z.array(workload),
  can: z.array(providerCan),
  /** Whether its end takes effect at once, or when the paid period is over. */
  deletes: z.enum(['now', 'at-period-end']),
  /** Whether a stopped machine costs as much as one that runs. */
  billsWhileOff: z.boolean(),
  /** Empty where there is no choice. */
  regions: z.array(z.object({ id: z.string(), name: z.string(), country: z.nullable(z.string()) })),
  sizes: z.array(offeredSize),
  /** Why its regions and sizes are not known just now; null when they are. */
  problem: z.nullable(z.string()),
})
export type Offer = z.infer<typeof offer>
