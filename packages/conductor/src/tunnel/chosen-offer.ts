import type { TunnelOffer } from '@spoq/contracts/gateway'

/**
 * The offer to go by: what the backend told last, unless the machine was configured with a newer token since then.
 * @param told null: no tunnel; undefined: nothing was told
 */
export function chosenOffer(
  told: TunnelOffer | null | undefined,
  configured: TunnelOffer | undefined,
): TunnelOffer | null {
  if (told === undefined || (told && configured && generation(configured) > generation(told))) return configured ?? null
  return told
}

/** Tokens count: `tunnel_MACHINE_GENERATION_PROOF`. */
const generation = ({ token }: TunnelOffer) => Number(/^tunnel_mach_[a-z0-9]+_(\d+)_/.exec(token)?.[1] ?? 0)
