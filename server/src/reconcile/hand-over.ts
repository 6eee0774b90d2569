// The short way of a machine that was claimed just now, and is this backend's to work on since: what runs is known without a
// look at the provider, and what is next is planned as always.

import type { MachineRow } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { moveAtOnce } from '../machine/move.ts'
import { clean } from './act/settle.ts'
import { reachable } from './observe.ts'
import { plan } from './plan.ts'
import type { ReconcilePorts } from './ports.ts'
import { wantedOf } from './reconcile.ts'

/** Tells a machine whose it is. False: there is more to do about it, in the usual way. */
export async function handOver(ports: ReconcilePorts, row: MachineRow): Promise<boolean> {
  const { access, db, lease, log, now } = ports
  const provider = ports.providers.get(row.provider)
  const socket = provider?.socketOf?.(row.id)
  if (!provider || !access || socket === undefined || row.provider_ref === null || row.lease_owner !== lease.owner)
    return false
  const seen = { ref: row.provider_ref, machine: row.id, state: 'running', endpoint: null, socket } as const
  const found = reachable([seen], provider, ports.tunnels?.endpointOf(row) ?? null)
  const untold = { told: false, notBefore: null }
  // A time of the other clock matters only for what may not be there yet.
  const wanted = wantedOf(row, ports, { access: untold, setUp: null, task: null }, 0)
  const next = plan(wanted, found, provider.capabilities, now())
  // Only its Conductor's answer says that it lives.
  if (next.kind !== 'tell') return false
  try {
    await access.tell(row, next.at)
    const cause = { actor: 'reconciler', by: 'reconciler', action: 'machine.state' } as const
    await moveAtOnce(db, row, 'running', cause, now(), { ...clean, ...freed, endpoint: next.endpoint })
    log('info', 'machine.state', { machine: row.id, from: row.state, to: 'running' })
    return true
  } catch (error) {
    log('debug', 'machine.not-handed-over', { machine: row.id, error: textOf(error) })
    return false
  }
}

/** The right to work on it ends with the same change. */
const freed = { lease_until: null, lease_owner: null }
