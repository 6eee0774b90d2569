// Names in the DNS that lead nowhere any more: of machines that are over, and those that machines had before their last
// one, once they are no longer kept.

import { textOf } from '../log.ts'
import { findMachine } from '../machine/store.ts'
import { whereIs } from '../name/where.ts'
import type { ReconcilePorts } from './ports.ts'

/** Takes out what is nobody's. `domain`: below which the machines' names stand. Of several backends one does it. */
export async function sweepDns(
  { db, zone, now, log, unlessLocked }: Pick<ReconcilePorts, 'db' | 'zone' | 'now' | 'log' | 'unlessLocked'>,
  domain: string,
): Promise<void> {
  if (!zone) return
  await unlessLocked('dns', async () => {
    for (const full of (await zone.list()).keys()) {
      if (!full.endsWith(`.${domain}`)) continue
      const machine = await whereIs(db, full.slice(0, -domain.length - 1), now())
      const row = machine === null ? undefined : await findMachine(db, machine)
      if (row && row.state !== 'terminated') continue
      log('info', 'dns.swept', { name: full })
      await zone.withdraw(full).catch(error => log('warn', 'dns.stays', { name: full, error: textOf(error) }))
    }
  })
}
