import { addDomain, listDomains, removeDomain, verifyDomain } from '@spoq/contracts/domain'
import type { Serve } from '../http/serve.ts'
import { add } from './add.ts'
import { list } from './list.ts'
import type { DomainPorts } from './ports.ts'
import { remove } from './remove.ts'
import { verify } from './verify.ts'

export function registerDomains(serve: Serve, ports: DomainPorts): void {
  serve.account(listDomains, async ({ params }, { account }) => ({
    domains: await list(ports, account, params.machine),
  }))
  serve.account(addDomain, ({ params }, asker) => add(ports, asker, params.machine, params.domain))
  serve.account(verifyDomain, ({ params }, asker) => verify(ports, asker, params.machine, params.domain))
  serve.account(removeDomain, ({ params }, asker) => remove(ports, asker, params.machine, params.domain))
}
