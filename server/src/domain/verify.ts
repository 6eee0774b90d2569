import type { Domain } from '@spoq/contracts/domain'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { ownMachine } from '../machine/owner.ts'
import type { DomainPorts } from './ports.ts'
import { proofName, proofsOf, proofValue } from './proof.ts'
import { toDomain } from './shape.ts'
import { findDomain, holdDomain, lockDomain, unholdDomain } from './store.ts'

/**
 * Looks for the proof; with it the domain is the machine's. Another's domain changes hands only when its proof is gone:
 * whoever controls the DNS decides, and nobody else.
 * @throws SpoqError `machine_not_found`, `domain_not_found`, `domain_unproven`, `domain_taken`, `unavailable`.
 */
export async function verify(ports: DomainPorts, asker: Asker, machine: string, domain: string): Promise<Domain> {
  await ownMachine(ports.db, asker.account, machine)
  const claim = await findDomain(ports.db, domain, machine)
  if (!claim) throw new SpoqError('domain_not_found')
  const plan = await ports.planOf(asker.account)
  const proofs = await proofsOf(ports.resolveTxt, domain)
  if (!proofs.has(proofValue(claim.token)))
    throw new SpoqError('domain_unproven', {
      message: `${domain} does not have its proof yet.`,
      next: `Add the TXT record ${proofName(domain)} with ${proofValue(claim.token)}, wait some minutes, then try again.`,
    })
  return ports.db.transaction().execute(async trx => {
    const now = ports.now()
    const holder = (await lockDomain(trx, domain)).find(one => one.verified_at !== null)
    if (holder && holder.machine_id !== machine) {
      if (proofs.has(proofValue(holder.token)))
        throw new SpoqError('domain_taken', { next: `Take the other proof away from ${proofName(domain)} first.` })
      await unholdDomain(trx, holder)
      const lost = { actor: 'system', action: 'domain.lost', resource: holder.machine_id, reason: domain }
      await record(trx, lost, now)
    }
    if (!(await holdDomain(trx, claim, new Date(now)))) throw new SpoqError('domain_not_found')
    if (!claim.verified_at)
      await record(trx, { ...askedBy(asker), action: 'domain.verify', resource: machine, reason: domain }, now)
    return toDomain(ports, plan, { ...claim, verified_at: claim.verified_at ?? new Date(now) })
  })
}
