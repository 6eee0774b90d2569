// A proof has to stay: a domain that was sold must not lead to its former owner's machine for ever.

import { record } from '../audit/record.ts'
import { type Log, textOf } from '../log.ts'
import type { DomainPorts } from './ports.ts'
import { proofsOf, proofValue } from './proof.ts'
import { type DomainRow, holdDomain, listUnchecked, noteMissed, unholdDomain } from './store.ts'

/** How often each is looked at, in ms. */
const everyMs = 86_400_000
/** Looks in a row without the proof until the domain is let go: a week, for those who rebuild their DNS. */
const mostMissed = 7
/** Of one sweep. */
const most = 500

/** Looks at every domain that was not looked at for a day. A DNS that does not answer proves nothing. */
export async function recheck(ports: DomainPorts & { log: Log }): Promise<void> {
  for (const row of await listUnchecked(ports.db, new Date(ports.now() - everyMs), most))
    await recheckOne(ports, row).catch(error =>
      ports.log('warn', 'domain.unseen', { domain: row.domain, error: textOf(error) }),
    )
}

async function recheckOne(ports: DomainPorts, row: DomainRow): Promise<void> {
  const proofs = await proofsOf(ports.resolveTxt, row.domain)
  const now = ports.now()
  if (!proofs.has(proofValue(row.token)) && row.missed + 1 < mostMissed) return noteMissed(ports.db, row, new Date(now))
  await ports.db.transaction().execute(async trx => {
    if (proofs.has(proofValue(row.token))) return void (await holdDomain(trx, row, new Date(now)))
    await unholdDomain(trx, row)
    await record(trx, { actor: 'system', action: 'domain.lost', resource: row.machine_id, reason: row.domain }, now)
  })
}
