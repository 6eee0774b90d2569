import type { ProviderName, TemplateName } from '@spoq/contracts/machine'
import type { PolicyName } from '@spoq/contracts/policy'
import type { Quote } from '@spoq/contracts/provider'
import type { ProvisioningProvider } from '@spoq/providers'
import { assertIncluded } from '../machine/allowed.ts'
import { chosenProvider } from '../machine/create.ts'
import type { AskedPlace, MachinePorts, Place } from '../machine/ports.ts'
import { assertWorkload, firstAllowing } from '../machine/workload.ts'
import { policies } from '../policy/table.ts'
import { dailyMicros } from '../template/price.ts'
import { chosenTemplate, dailyPriceOf, type KnownTemplate, type Template, templates } from '../template/table.ts'
import type { CatalogOf } from './catalogs.ts'

/** What a quote needs from outside. */
export interface QuotePorts extends Pick<MachinePorts, 'providers' | 'planOf' | 'placeOf'> {
  catalogOf: CatalogOf
  usualSecondsOf: (provider: ProviderName) => Promise<number | null>
  /** How far the credit of an account would reach with one more machine. */
  enoughFor: (wanted: { account: string; microsDaily: bigint }) => Promise<NonNullable<Quote['credit']>>
  isAccepted: (account: string, policy: PolicyName) => Promise<boolean>
}

export interface AskedQuote extends AskedPlace {
  provider?: ProviderName | undefined
  template?: TemplateName | undefined
}

/**
 * What a machine would be and cost.
 * @throws SpoqError `provider_unknown`, `template_unknown`, `workload_refused`, `plan_limit` and those of `placing`.
 */
export async function quote(ports: QuotePorts, account: string, asked: AskedQuote): Promise<Quote> {
  const { providers, planOf } = ports
  const template = chosenTemplate(asked.template)
  const name = chosenProvider({ providers }, asked.provider ?? firstAllowing(providers, template))
  assertWorkload(providers, name, template)
  const plan = await planOf(account)
  assertIncluded(providers, plan, { provider: name, template })
  const { deletes, billsWhileOff } = (providers.get(name) as ProvisioningProvider).capabilities
  const price = dailyPriceOf(template)
  const place = await ports.placeOf(name, asked, price ? null : plan)
  return {
    ...{ provider: name, template, deletes, billsWhileOff },
    usualSeconds: await ports.usualSecondsOf(name),
    credit: price && (await ports.enoughFor({ account, microsDaily: dailyMicros(price, place?.price ?? null) })),
    policy: await policyOf(ports, account, template),
    place: place && (await shown(ports, name, place)),
  }
}

async function policyOf(
  { isAccepted }: QuotePorts,
  account: string,
  template: KnownTemplate,
): Promise<Quote['policy']> {
  const { policy }: Template = templates[template]
  if (!policy) return null
  return { name: policy, version: policies[policy].version, isAccepted: await isAccepted(account, policy) }
}

async function shown(
  { providers, catalogOf }: QuotePorts,
  name: ProviderName,
  { region, size: chosen, price }: Place,
): Promise<Quote['place']> {
  const catalog = await catalogOf(providers.get(name) as ProvisioningProvider)
  const size = catalog?.sizes.find(({ id }) => id === chosen)
  if (!size) return null
  const regionName = catalog?.regions.find(({ id }) => id === region)?.name ?? region
  const { id, cpus, memoryMb, diskGb } = size
  return { region, regionName, size: { id, cpus, memoryMb, diskGb }, price }
}
