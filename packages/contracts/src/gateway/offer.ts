import * as z from 'zod/mini'

/** The secret by which a machine connects to a gateway, and nothing else: `tunnel_MACHINE_GENERATION_PROOF`. */
export const tunnelToken = z.string().check(z.regex(/^tunnel_mach_[a-z0-9]{16,32}_\d{1,9}_[\w-]{43}$/))

const gatewayUrl = z.url({ protocol: /^https?$/ })

/** Where a machine connects to, and as what. */
export const tunnelOffer = z.object({
  url: gatewayUrl,
  token: tunnelToken,
  /** Where it connects to as well, by a connection each, so that one gateway that is away cuts nobody off. */
  others: z.optional(z.array(gatewayUrl).check(z.maxLength(15))),
})
export type TunnelOffer = z.infer<typeof tunnelOffer>
