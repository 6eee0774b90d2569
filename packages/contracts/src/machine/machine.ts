import * as z from 'zod/mini'
import { tunnelOffer } from '../gateway/offer.ts'
import { id, instant } from '../http/shape.ts'
import { errorCodes } from '../problem/index.ts'

export const machineId = id('mach')

/** Every provider there will be (SPEC 6); a server offers some of them. */
export const providerNames = [
  'local',
  'docker',
  'contabo',
  'hostinger',
  'hetzner',
  'digitalocean',
  'vultr',
  'byo',
  'host',
] as const
export const providerName = z.enum(providerNames)
export type ProviderName = z.infer<typeof providerName>

/**
 * The states of a machine (SPEC 6). `running`, `stopped` and `suspended` together are "active". Which edge may be
 * taken by whom stands in the server's `machine/state.ts`.
 */
export const machineStates = [
  'pending',
  'provisioning',
  'running',
  'stopped',
  'suspended',
  'failed',
  'terminating',
  'terminated',
] as const
export const machineState = z.enum(machineStates)
export type MachineState = z.infer<typeof machineState>

/** What the owner wants. */
export const wantedStates = ['running', 'stopped', 'terminated'] as const
export const wantedState = z.enum(wantedStates)
export type WantedState = z.infer<typeof wantedState>

/** Reasons to keep a machine suspended, whatever the owner wants. `ending`: it is in the grace before its end. */
export const holds = ['balance', 'past_due', 'abuse', 'admin', 'idle', 'ending'] as const
export const hold = z.enum(holds)
export type Hold = z.infer<typeof hold>

/** What a machine is set up as; a server may not have all of them yet. */
export const templateName = z.enum(['spoq', 'openclaw', 'seedbox'])
export type TemplateName = z.infer<typeof templateName>

/** A month's price: hundredths of a currency (ISO 4217). */
export const price = z.object({ centsMonthly: z.number(), currency: z.string() })
export type Price = z.infer<typeof price>

/** A region or a size in the provider's own words. */
export const place = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'letters, digits, dots and dashes, 64 at most'))

/** 3 to 63 letters, digits and dashes, as a DNS label. */
export const machineName = z
  .string()
  .check(
    z.regex(
      /^[a-z](?:[a-z0-9-]{1,61})[a-z0-9]$/,
      'a name has 3 to 63 small letters, digits and dashes, begins with a letter and ends without a dash',
    ),
  )

/** Of the final backup: there is no place for one, it is being made, it was verified, the last try failed. */
export const endingCopies = ['none', 'making', 'ready', 'failed'] as const
export type EndingCopy = (typeof endingCopies)[number]

/** The grace before a machine's end. */
export const ending = z.object({
  /** It is removed then, unless it is kept. */
  endsAt: instant,
  copy: z.enum(endingCopies),
  /** The id of the final backup, once there is one. */
  backup: z.nullable(z.string()),
  /** Why the last try of a final backup failed. */
  reason: z.nullable(z.string()),
})

/** Whether a machine that runs answers. */
export const machineHealth = z.object({
  state: z.enum(['healthy', 'unhealthy']),
  since: instant,
  reason: z.nullable(z.string()),
})

export const machine = z.object({
  id: machineId,
  name: machineName,
  provider: providerName,
  template: templateName,
  /** Where it stands and how large it is, in the provider's own words; null where there is no choice. */
  region: z.nullable(z.string()),
  size: z.nullable(z.string()),
  /** What it costs a month at the provider; null where it costs nothing. */
  price: z.nullable(price),
  state: machineState,
  wanted: wantedState,
  holds: z.array(hold),
  /** Where its Conductor's edge answers; null until it is known. */
  endpoint: z.nullable(z.url()),
  /** What is being done just now, for a person: "starting the Conductor". Null when nothing is. */
  stage: z.nullable(z.string()),
  /** Null: it does not run, or was not looked at yet. */
  health: z.optional(z.nullable(machineHealth)),
  /** Null: no end is wanted. */
  ending: z.optional(z.nullable(ending)),
  /** Why the last try failed; null after a success. */
  error: z.nullable(z.object({ code: z.enum(errorCodes), message: z.string() })),
  createdAt: instant,
  updatedAt: instant,
})
export type Machine = z.infer<typeof machine>

/**
 * What a Conductor is told about itself. Whoever makes the machine writes it as `conductor.json` into the machine's
 * folder; nothing in it is secret but the tunnel's token.
 */
export const conductorConfig = z.object({
  machine: machineId,
  /** The accounts whose tokens open the edge. */
  members: z.array(z.string()),
  /** The backend whose tokens are taken, exactly as in their `iss`, and where its public keys are. */
  issuer: z.url(),
  jwksUrl: z.url(),
  /** Where requests from outside come in. Port 0: any free one, kept from then on. */
  edge: z.union([z.object({ host: z.string(), port: z.number() }), z.object({ socket: z.string() }), z.null()]),
  /** The gateway that it connects to, so that it is reached where it has no address. What the backend tells later wins. */
  tunnel: z.optional(tunnelOffer),
  /** How much of the runs' output is kept; what is left out has a default, see the Conductor's `run/limits.ts`. */
  runs: z.optional(
    z.object({
      /** Of one run, in bytes. */
      mostBytes: z.optional(z.number()),
      /** Of all runs that have ended, in bytes. */
      keptBytes: z.optional(z.number()),
      /** After their end, in days. */
      keptDays: z.optional(z.number()),
    }),
  ),
})
export type ConductorConfig = z.infer<typeof conductorConfig>
