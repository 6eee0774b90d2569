import type { DomainPorts } from './ports.ts'
import { findHolder } from './store.ts'

/** The machine that a domain leads to: the one whose owner proved it. Null while nobody did, or whose plan has none does. */
export async function whoHolds(
  { db, planOf }: Pick<DomainPorts, 'db' | 'planOf'>,
  domain: string,
): Promise<string | null> {
  const holder = await findHolder(db, domain)
  if (!holder) return null
  const { limits } = await planOf(holder.account_id)
  return limits.customDomains ? holder.machine_id : null
}
