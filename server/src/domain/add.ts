import { randomBytes } from 'node:crypto'
import type { Domain } from '@spoq/contracts/domain'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { lockOwnMachine } from '../machine/owner.ts'
import { assertWithin } from '../plan/limit.ts'
import type { DomainPorts } from './ports.ts'
import { toDomain } from './shape.ts'
import { findDomain, insertDomain, listDomains } from './store.ts'

/** Domains that one machine may have. */
const mostDomains = 20
/** Ends that are nobody's to have in the public DNS (RFC 6761 and others). */
const notPublic = [
  'localhost',
  'local',
  'internal',
  'invalid',
  'test',
  'example',
  'onion',
  'arpa',
  'lan',
  'home',
  'corp',
]

/**
 * Claims a domain for a machine. Repeated it answers the same proof.
 * @throws SpoqError `machine_not_found`, `domain_refused`, `domain_limit`, `plan_limit`.
 */
export async function add(ports: DomainPorts, asker: Asker, machine: string, domain: string): Promise<Domain> {
  assertPublic(ports, domain)
  const plan = await ports.planOf(asker.account)
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    const before = await findDomain(trx, domain, row.id)
    if (before) return toDomain(ports, plan, before)
    assertWithin(plan, { limit: 'customDomains' })
    if ((await listDomains(trx, row.id)).length >= mostDomains)
      throw new SpoqError('domain_limit', { message: `A machine has ${mostDomains} domains at most.` })
    const now = ports.now()
    const claimed = { domain, machine_id: row.id, account_id: asker.account, created_at: new Date(now) }
    // Not guessable, and of this claim alone: a proof that is left over in the DNS proves nothing to the next one.
    await insertDomain(trx, { ...claimed, token: randomBytes(20).toString('hex') })
    await record(trx, { ...askedBy(asker), action: 'domain.add', resource: row.id, reason: domain }, now)
    return toDomain(ports, plan, (await findDomain(trx, domain, row.id)) as NonNullable<typeof before>)
  })
}

function assertPublic({ machineDomain }: DomainPorts, domain: string): void {
  const end = domain.split('.').at(-1) ?? ''
  if (notPublic.includes(end)) throw new SpoqError('domain_refused', { message: `${domain} is not in the public DNS.` })
  if (machineDomain && (domain === machineDomain || domain.endsWith(`.${machineDomain}`)))
    throw new SpoqError('domain_refused', {
      message: `Names below ${machineDomain} are the machines' own.`,
      next: 'Use spoq machine rename for one of them.',
    })
}
