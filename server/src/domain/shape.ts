import type { Domain } from '@spoq/contracts/domain'
import type { Plan } from '@spoq/contracts/plan'
import type { DomainPorts } from './ports.ts'
import { proofName, proofValue } from './proof.ts'
import type { DomainRow } from './store.ts'

export const toDomain = (
  { machineDomain }: Pick<DomainPorts, 'machineDomain'>,
  { limits }: Plan,
  { domain, machine_id, token, created_at, verified_at }: DomainRow,
): Domain => ({
  domain,
  machine: machine_id,
  state: verified_at ? (limits.customDomains ? 'verified' : 'frozen') : 'waiting',
  proof: { name: proofName(domain), value: proofValue(token) },
  target: machineDomain && `gateway.${machineDomain.replace(/:\d+$/, '')}`,
  createdAt: created_at.toISOString(),
  verifiedAt: verified_at?.toISOString() ?? null,
})
