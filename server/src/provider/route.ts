import { listProviders, quoteMachine } from '@spoq/contracts/provider'
import type { Serve } from '../http/serve.ts'
import { list } from './list.ts'
import { type QuotePorts, quote } from './quote.ts'

export function registerProviders(serve: Serve, ports: QuotePorts): void {
  serve.account(listProviders, async () => ({ providers: await list(ports.providers, ports.catalogOf) }))
  serve.account(quoteMachine, async ({ query }, { account }) => quote(ports, account, query))
}
