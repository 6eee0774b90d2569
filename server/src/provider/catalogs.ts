// What each provider offers, asked for now and then: a catalog changes rarely, and everybody who provisions reads it.

import type { ProviderName } from '@spoq/contracts/machine'
import type { Catalog, ProvisioningProvider } from '@spoq/providers'
import { type Log, textOf } from '../log.ts'

/** Answers a provider's catalog; null where there is no choice. @throws what the provider said, when nothing is known yet. */
export type CatalogOf = (provider: ProvisioningProvider) => Promise<Catalog | null>

/** How long what is known is good, and how long it is better than nothing, in ms. */
const freshMs = 600_000
const staleMs = 86_400_000

interface Known {
  catalog: Catalog
  at: number
}

/** One look at a time for each provider, whoever asks. */
export function openCatalogs({ now, log }: { now: () => number; log: Log }): CatalogOf {
  const known = new Map<ProviderName, Known>()
  const asking = new Map<ProviderName, Promise<Catalog>>()

  return async provider => {
    const ask = provider.catalog
    if (!ask) return null
    const last = known.get(provider.name)
    if (last && now() - last.at < freshMs) return last.catalog
    const looking = asking.get(provider.name) ?? look(provider.name, ask).finally(() => asking.delete(provider.name))
    asking.set(provider.name, looking)
    return looking.catch(error => {
      if (!last || now() - last.at >= staleMs) throw error
      log('warn', 'catalog.stale', { provider: provider.name, error: textOf(error) })
      return last.catalog
    })
  }

  async function look(name: ProviderName, ask: () => Promise<Catalog>): Promise<Catalog> {
    const catalog = await ask()
    known.set(name, { catalog, at: now() })
    return catalog
  }
}
