import type { ProviderName } from '@spoq/contracts/machine'
import type { Offer } from '@spoq/contracts/provider'
import { ProviderError, type ProvisioningProvider } from '@spoq/providers'
import { templateNames, templates } from '../template/table.ts'
import type { CatalogOf } from './catalogs.ts'

/** Who makes machines here, and what can be had. One that does not answer is listed with the reason. */
export async function list(
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>,
  catalogOf: CatalogOf,
): Promise<Offer[]> {
  return Promise.all([...providers.values()].map(provider => offerOf(provider, catalogOf)))
}

async function offerOf(provider: ProvisioningProvider, catalogOf: CatalogOf): Promise<Offer> {
  const { workloads, deletes, billsWhileOff } = provider.capabilities
  const allowed = templateNames.filter(name => workloads.includes(templates[name].workload))
  const can: Offer['can'] = [
    ...(provider.resize ? (['resize'] as const) : []),
    ...(provider.snapshot ? (['snapshot'] as const) : []),
    ...(provider.rotateCredentials ? (['rotate-credentials'] as const) : []),
  ]
  const offer = { name: provider.name, templates: allowed, workloads: [...workloads], can, deletes, billsWhileOff }
  try {
    const { regions = [], sizes = [] } = (await catalogOf(provider)) ?? {}
    const shown = sizes.map(size => ({ ...size, prices: [...size.prices] }))
    return { ...offer, regions: [...regions], sizes: shown, problem: null }
  } catch (error) {
    const problem = error instanceof ProviderError ? error.message : 'The provider failed in an unexpected way.'
    return { ...offer, regions: [], sizes: [], problem }
  }
}
