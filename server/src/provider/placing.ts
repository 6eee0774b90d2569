// What the verbs of machines ask of a provider's catalog.

import type { ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { ProviderError, type ProvisioningProvider } from '@spoq/providers'
import type { AskedPlace, Place } from '../machine/ports.ts'
import type { CatalogOf } from './catalogs.ts'
import { choosePlace } from './place.ts'

type Providers = ReadonlyMap<ProviderName, ProvisioningProvider>

/** @see MachinePorts.placeOf */
export function placing(providers: Providers, catalogOf: CatalogOf) {
  return async (name: ProviderName, asked: AskedPlace, plan: Plan | null): Promise<Place | null> => {
    const provider = providers.get(name)
    const catalog = provider ? await catalogOf(provider).catch(failed) : null
    if (catalog) return choosePlace(catalog, asked, plan)
    if (asked.region !== undefined) throw none('region_unknown', name, 'regions')
    if (asked.size !== undefined) throw none('size_unknown', name, 'sizes')
    return null
  }
}

const none = (code: 'region_unknown' | 'size_unknown', name: ProviderName, what: string) =>
  new SpoqError(code, { message: `${name} has no ${what} to choose from.`, next: 'Leave it out.' })

function failed(error: unknown): never {
  const message = error instanceof ProviderError ? error.message : 'The provider failed in an unexpected way.'
  throw new SpoqError('provider_failed', { message, next: 'Try again later, or choose another provider.' })
}
