import type { Domain } from '@spoq/contracts/domain'
import { ownMachine } from '../machine/owner.ts'
import type { DomainPorts } from './ports.ts'
import { toDomain } from './shape.ts'
import { listDomains } from './store.ts'

type ListPorts = Pick<DomainPorts, 'db' | 'machineDomain' | 'planOf'>

/** @throws SpoqError `machine_not_found`. */
export async function list(ports: ListPorts, account: string, machine: string): Promise<Domain[]> {
  await ownMachine(ports.db, account, machine)
  const plan = await ports.planOf(account)
  return (await listDomains(ports.db, machine)).map(row => toDomain(ports, plan, row))
}
