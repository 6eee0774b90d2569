import * as z from 'zod/mini'

/** From the one that allows least to the one that allows most. */
export const planNames = ['free', 'basic', 'pro', 'team', 'enterprise'] as const
export const planName = z.enum(planNames)
export type PlanName = z.infer<typeof planName>

/** Those that anybody can buy. */
export const soldPlans = ['basic', 'pro', 'team'] as const satisfies readonly PlanName[]

export const billingInterval = z.enum(['month', 'year'])
export type BillingInterval = z.infer<typeof billingInterval>

/** Null: any number. */
const most = z.nullable(z.int().check(z.minimum(0)))

export const planLimits = z.object({
  /** Machines on others' hardware; those on the owner's own are not counted. */
  machines: most,
  /** On whose hardware: the operator's fleet, or servers that are rented for it. */
  hardware: z.array(z.enum(['fleet', 'rented'])),
  /** What one has; a rented server has at least this. Null: any. */
  machine: z.nullable(z.object({ cpus: z.number(), memoryMb: z.number(), diskGb: z.number() })),
  /** Accepted turns in a calendar month (UTC): all on machines of the fleet, and of all machines those on Spoq credit. */
  messages: most,
  messagesOnCredit: most,
  /** Beside the core ones. */
  skills: most,
  subAgents: most,
  seats: most,
  /** Domains of the owner's own for a machine. */
  customDomains: z.boolean(),
  /** How long a daily backup is kept. */
  backupDays: z.int(),
  profiles: most,
  devicesPerProfile: most,
  devices: most,
  /** A machine that nobody uses sleeps after so many minutes. Null: it is always on. */
  idleMinutes: z.nullable(z.int()),
})
export type PlanLimits = z.infer<typeof planLimits>

export const plan = z.object({
  name: planName,
  title: z.string(),
  /** In hundredths of a US dollar; null: it is not had by the month, or by contract alone. */
  price: z.object({ month: z.nullable(z.int()), year: z.nullable(z.int()) }),
  limits: planLimits,
  /** What is promised of its machines. */
  availability: z.string(),
})
export type Plan = z.infer<typeof plan>

/** Why an account has the plan it has: nobody said anything, it is paid for, or whoever runs the server gave it. */
export const planSource = z.enum(['default', 'bought', 'given'])
export type PlanSource = z.infer<typeof planSource>
