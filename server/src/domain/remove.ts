import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { lockOwnMachine } from '../machine/owner.ts'
import type { DomainPorts } from './ports.ts'
import { deleteDomain } from './store.ts'

/** @throws SpoqError `machine_not_found`, `domain_not_found`. */
export async function remove(ports: DomainPorts, asker: Asker, machine: string, domain: string): Promise<void> {
  await ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (!(await deleteDomain(trx, domain, row.id))) throw new SpoqError('domain_not_found')
    await record(trx, { ...askedBy(asker), action: 'domain.remove', resource: row.id, reason: domain }, ports.now())
  })
}
