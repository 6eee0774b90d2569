import type { ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { Quote } from '@spoq/contracts/provider'
import type { ProvisioningProvider } from '@spoq/providers'
import { assertIncluded } from '../machine/allowed.ts'
import { chosenProvider } from '../machine/create.ts'
import type { AskedPlace } from '../machine/ports.ts'
import type { CatalogOf } from './catalogs.ts'
import { placing } from './placing.ts'

/** What a machine would be and cost. @throws SpoqError `provider_unknown`, `plan_limit` and those of `placing`. */
export async function quote(
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>,
  catalogOf: CatalogOf,
  usualSecondsOf: (provider: ProviderName) => Promise<number | null>,
  plan: Plan,
  asked: AskedPlace & { provider?: ProviderName | undefined },
): Promise<Quote> {
  const name = chosenProvider({ providers }, asked.provider)
  assertIncluded(providers, plan, name)
  const provider = providers.get(name) as ProvisioningProvider
  const { deletes, billsWhileOff } = provider.capabilities
  const common = { provider: name, deletes, billsWhileOff, usualSeconds: await usualSecondsOf(name) }
  const chosen = await placing(providers, catalogOf)(name, asked, plan)
  const catalog = chosen && (await catalogOf(provider))
  const size = catalog?.sizes.find(({ id }) => id === chosen?.size)
  if (!chosen || !size) return { ...common, place: null }
  const { region, price } = chosen
  const regionName = catalog?.regions.find(({ id }) => id === region)?.name ?? region
  const { id, cpus, memoryMb, diskGb } = size
  return { ...common, place: { region, regionName, size: { id, cpus, memoryMb, diskGb }, price } }
}
