import type { ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import { listProviders, quoteMachine } from '@spoq/contracts/provider'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Serve } from '../http/serve.ts'
import type { CatalogOf } from './catalogs.ts'
import { list } from './list.ts'
import { quote } from './quote.ts'

export function registerProviders(
  serve: Serve,
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>,
  catalogOf: CatalogOf,
  usualSecondsOf: (provider: ProviderName) => Promise<number | null>,
  planOf: (account: string) => Promise<Plan>,
): void {
  serve.account(listProviders, async () => ({ providers: await list(providers, catalogOf) }))
  serve.account(quoteMachine, async ({ query }, { account }) =>
    quote(providers, catalogOf, usualSecondsOf, await planOf(account), query),
  )
}
